#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Any process of a container that runs, or of one that is being stopped, is killed, hung up on, or stopped for ever; and so
# are those that are not of the container: journald, the service manager, an exec, an import. The container lives on or
# ends, its unit says which, nothing is left, and the next start works.
. "$(dirname "$0")/lib.sh"

kinds=(plain init host deaf health)
config() {
        case $1 in
        plain) printf 'StopSignal=KILL\nExec=sleep 31337\n' ;;
        init) printf 'RunInit=yes\nExec=sh -c "sleep 31336 & sleep 31337"\n' ;;
        host) printf 'StopSignal=KILL\nUserNS=host\nExec=sleep 31337\n' ;;
        health) printf 'StopSignal=KILL\nExec=sleep 31337\nHealthCmd=true\nHealthInterval=1s\n' ;;
        deaf) printf "Exec=sh -c \"trap '' TERM HUP; while :; do sleep 0.2; done\"\n" ;;
        esac
}
for kind in "${kinds[@]}"; do
        manifest "$kind.container" <<END
[Container]
Image=localhost/busybox
$(config "$kind")

[Service]
TimeoutStartSec=5
TimeoutStopSec=500ms

[Unit]
StartLimitIntervalSec=0
END
done
reload
find /var/lib/slipway/userns -type l -delete 2>/dev/null || true
mounts=$(wc -l </proc/1/mountinfo)

groups=/sys/fs/cgroup/slipway.slice
[ -e /sys/fs/cgroup/cgroup.procs ] || groups=/sys/fs/cgroup/systemd/slipway.slice

group() {
        find "$groups/$1.service" -name cgroup.procs -exec cat {} + 2>/dev/null | sort -nu
}
# Some are about to end by themselves.
name_of() {
        { tr '\0' ' ' <"/proc/$1/cmdline" | cut -c 1-60; } 2>/dev/null || echo "a process that has ended"
}

# A unit that is active has an app, and one that is not has nothing.
is_honest() {
        case $(show "$1" ActiveState) in
        active) [ -n "$(payload "$1" 2>/dev/null)" ] ;;
        inactive | failed) [ -z "$(left "$1")" ] ;;
        *) false ;;
        esac
}
assert_honest() {
        sleep 0.1
        wait_until 8 "$1, which is $(show "$1" ActiveState), and its processes agree after $2" is_honest "$1"
}
left() {
        find "/var/lib/slipway/containers/$1" "/run/slipway/containers/$1" "/run/slipway/containers/.$1.health"* 2>/dev/null
        group "$1"
}
assert_gone() {
        assert_equal "$(left "$1")" "" "what is left of $1 after $2"
        assert_equal "$(wc -l </proc/1/mountinfo)" "$mounts" "number of mounts after $2"
}
assert_well() {
        local said
        said=$(slipway fsck --quick 2>&1) || fail "after $1: $said"
        assert_equal "$said" "" "what fsck says after $1"
}
stop_and_look() {
        local before=$SECONDS
        timeout 20 systemctl stop "$1" || fail "$1 does not stop after $2"
        [ $((SECONDS - before)) -lt 8 ] || fail "$1 takes $((SECONDS - before)) s to stop after $2"
        systemctl reset-failed "$1" 2>/dev/null || true
        assert_gone "$1" "$2"
}

# --- each process of a container that runs, and each signal --------------------------------------------------------------

for kind in "${kinds[@]}"; do
        start "$kind"
        mapfile -t pids < <(group "$kind")
        [ ${#pids[@]} -ge 2 ] || fail "$kind has ${#pids[@]} processes"
        n=${#pids[@]}
        stop_and_look "$kind" "nothing"
        for signal in KILL HUP STOP; do
                for ((i = 0; i < n; i++)); do
                        start "$kind"
                        mapfile -t pids < <(group "$kind")
                        what="SIG$signal to $(name_of "${pids[i]:-self}") of $kind"
                        [ -z "${pids[i]-}" ] || kill -"$signal" "${pids[i]}" 2>/dev/null || true
                        assert_honest "$kind" "$what"
                        stop_and_look "$kind" "$what"
                done
        done
        # All at once: neither systemd-nspawn nor an app that is process 1 dies of it.
        start "$kind"
        main=$(show "$kind" MainPID)
        systemctl kill --signal=HUP "$kind"
        assert_honest "$kind" "SIGHUP to all of $kind"
        if [ "$kind" != init ]; then
                assert_active "$kind"
                assert_equal "$(show "$kind" MainPID)" "$main" "main process of $kind after SIGHUP"
        fi
        stop_and_look "$kind" "SIGHUP to all of $kind"
        assert_well "the deaths of $kind"
done

# --- a container that is being stopped --------------------------------------------------------------------------------------

for signal in KILL STOP HUP; do
        for i in 0 1 2; do
                start deaf
                mapfile -t pids < <(group deaf)
                systemctl stop --no-block deaf
                sleep 0.1
                [ -z "${pids[i]-}" ] || kill -"$signal" "${pids[i]}" 2>/dev/null || true
                wait_until 8 "deaf has stopped after SIG$signal to one of its processes" eval '! is_state deaf deactivating'
                systemctl reset-failed deaf 2>/dev/null || true
                assert_gone deaf "SIG$signal in the middle of a stop"
        done
done
assert_well "stops that were disturbed"

# --- the service manager is loaded again, or becomes another -----------------------------------------------------------------

for verb in daemon-reload daemon-reexec; do
        for i in 1 2 3; do
                systemctl start --no-block "${kinds[@]}"
                sleep "0.0$((RANDOM % 4))"
                systemctl "$verb"
                for kind in "${kinds[@]}"; do
                        wait_until 10 "$kind has started in spite of $verb" is_state "$kind" active
                done
                systemctl stop --no-block "${kinds[@]}"
                sleep "0.0$((RANDOM % 4))"
                systemctl "$verb"
                for kind in "${kinds[@]}"; do
                        wait_until 10 "$kind has stopped in spite of $verb" eval "is_state $kind inactive || is_state $kind failed"
                        systemctl reset-failed "$kind" 2>/dev/null || true
                        assert_gone "$kind" "a start and a stop with $verb"
                done
        done
done
assert_well "starts and stops with reloads"

# --- who works in a container from outside -----------------------------------------------------------------------------------

start plain
before=$(group plain)
for options in '' -t; do
        for signal in KILL HUP TERM; do
                # shellcheck disable=SC2086  # none, or one
                slipway exec $options plain sleep 4711 </dev/null >/dev/null 2>&1 &
                client=$!
                wait_until 5 "the command runs" eval '[ "$(group plain)" != "$before" ]'
                kill -"$signal" "$client"
                wait "$client" 2>/dev/null || true
                wait_until 5 "the command has ended with its client, by SIG$signal" eval '[ "$(group plain)" = "$before" ]'
        done
done
assert_active plain
# The other way round.
slipway exec plain sleep 4711 >/dev/null 2>&1 &
client=$!
wait_until 5 "the command runs" eval '[ "$(group plain)" != "$before" ]'
stop_and_look plain "a stop in the middle of an exec"
wait_until 5 "the client has ended with the container" eval "! kill -0 $client"
wait "$client" && fail "a command that was killed has succeeded"
assert_well "commands that were killed"

# --- the journal goes and comes back -------------------------------------------------------------------------------------------

launch talker <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c "i=0; while :; do i=$$((i+1)); echo out $$i; echo err $$i >&2; echo dev $$i >/dev/stdout; sleep 0.02; done"
StopSignal=KILL
END
said() {
        journal talker 2>/dev/null | grep "^$1 " | tail -n 1 | cut -d ' ' -f 2
}
goes_on() {
        [ "$(said "$1")" -gt "$2" ]
}
for how in 'systemctl restart systemd-journald' 'systemctl kill --signal=KILL systemd-journald'; do
        wait_until 10 "talker is heard" eval '[ -n "$(said out)" ]'
        $how
        sleep 0.3
        wait_until 10 "the journal is back" journalctl --sync
        for what in out err dev; do
                before=$(said $what)
                wait_until 10 "'$what' of talker is heard after $how" goes_on $what "${before:-0}"
        done
        assert_active talker
done
lost=$(journal talker | awk '$1 == "out" { if (last && $2 != last + 1) n += $2 - last - 1; last = $2 } END { print n + 0 }')
[ "$lost" -le 20 ] || fail "$lost lines were lost with the journal"
stop talker

# --- reboot and halt from inside --------------------------------------------------------------------------------------------------

for command in 'reboot -f' 'halt -f' 'poweroff -f'; do
        launch asks <<END
[Container]
Image=localhost/busybox
Exec=sh -c "$command; echo refused; exec sleep 1000"
StopSignal=KILL
END
        assert_journal asks refused
        assert_active asks
        stop asks
        launch may <<END
[Container]
Image=localhost/busybox
AddCapability=SYS_BOOT
SeccompProfile=unconfined
Exec=sh -c "sleep 0.2; $command; sleep 1000"

[Unit]
StartLimitIntervalSec=0
END
        wait_until 10 "the container that may '$command' has ended" eval '! is_state may active && ! is_state may deactivating'
        systemctl reset-failed may 2>/dev/null || true
        assert_gone may "'$command' from inside"
done
[ "$(cat /proc/1/comm)" = systemd ] || fail "there is another first process"
assert_well "reboots from inside"
