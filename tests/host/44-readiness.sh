#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# With Notify=yes it is the app who says that it is ready, and what else sd_notify(3) has, from any process.
. "$(dirname "$0")/lib.sh"

# notifier NAME WORDS [MORE-KEYS…]
notifier() {
        {
                printf '[Container]\nImage=localhost/python\nNotify=yes\nVolume=/srv/tests/host/apps/notifier.py:/notifier.py:ro\n'
                printf 'Exec=python3 /notifier.py %s\n' "$2"
                printf '%s\n' "${@:3}"
        } | manifest "$1.container"
        reload
}

# A start lasts until READY=1, and each kind of confinement lets the words through.
check() {
        local name=$1
        notifier "$name" 'env sleep:0.5 child:STATUS=from-a-child send:READY=1 wait' "${@:2}"
        before=$EPOCHREALTIME
        start "$name"
        took=$(awk -v a="$before" -v b="$EPOCHREALTIME" 'BEGIN { print int((b - a) * 1000) }')
        [ "$took" -ge 500 ] || fail "$name has started after $took ms, before it was ready"
        assert_equal "$(show "$name" StatusText)" from-a-child "status of $name"
        assert_journal "$name" "NOTIFY_SOCKET=/dev/notify.sock"
        assert_journal "$name" "WATCHDOG_PID=None"
        stop "$name"
        assert_equal "$(show "$name" Result)" success "result of $name"
}
check plain
check user User=nobody
check read-only ReadOnly=yes ReadOnlyTmpfs=no
check init RunInit=yes
check network Network=host
check unmapped UserNS=host
check unmapped-user UserNS=host User=nobody RunInit=yes

# More time, a state of its own, and an end that is announced.
notifier slow 'send:EXTEND_TIMEOUT_USEC=8000000 sleep:1.5 send:READY=1|STATUS=late sleep:0.5 send:STOPPING=1 sleep:1 exit:0' \
        '[Service]' TimeoutStartSec=1
start slow
assert_status slow late
wait_until 3 "it stops by itself" is_state slow deactivating
wait_state slow inactive

# Reloading by itself.
notifier reloader 'send:READY=1 sleep:0.5 send:RELOADING=1 sleep:1 send:READY=1|STATUS=again wait'
start reloader
wait_until 3 "it reloads" is_state reloader reloading
wait_until 5 "it is ready again" is_state reloader active
assert_status reloader again

# The same without a user namespace.
notifier filtered 'send:READY=1 sleep:0.5 send:RELOADING=1 sleep:1 send:READY=1|STATUS=again wait' UserNS=host
start filtered
wait_until 3 "it reloads" is_state filtered reloading
wait_until 5 "it is ready again" is_state filtered active
group=$(show filtered ControlGroup)
filter=
for pid in $(pgrep -x slipway-notify); do
        ! grep -q ":$group\(/.*\)\?$" "/proc/$pid/cgroup" || filter=$pid
done
[ -n "$filter" ] || fail "there is no filter"
assert_equal "$(awk '/^Uid:/ { print $2 $3 $4 }' "/proc/$filter/status")" 655346553465534 "users of the filter"
awk '/^Pss:/ { if ($2 > 300) exit 1 }' "/proc/$filter/smaps_rollup" || fail "the filter is large: $(grep ^Pss: "/proc/$filter/smaps_rollup")"
stop filtered
wait_until 5 "the filter has ended" bash -c "! kill -0 $filter"

# Without, the app has no such socket.
launch mute <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'env; ls /dev; echo that is all; sleep 1000'
END
assert_journal mute "that is all"
assert_contains "$(journal mute)" container=slipway "environment"
assert_lacks "$(journal mute)" notify.sock "environment, and list of /dev"
assert_lacks "$(journal mute)" NOTIFY_SOCKET "environment"

# A command that cannot be executed is told of as ever.
manifest missing.container <<'END'
[Container]
Image=localhost/busybox
Notify=yes
Exec=/no/such/program
END
reload
start_fails missing
assert_status missing "cannot execute '/no/such/program'"
assert_equal "$(show missing ExecMainStatus)" 127 "exit status"

# Root of the host may name any process as the main one, and have it killed in place of its own. A container whose
# root that is may not; the service is there to show that the attack is one.
sleep 1000 &
victim=$!
attack="MAINPID=$victim|READY=1\rMAINPID=$victim|NOTIFYACCESS=none|STATUS=attacked"
cat >/run/systemd/system/gullible.service <<END
[Service]
Type=notify
NotifyAccess=all
KillMode=process
ExecStart=/bin/sh -c 'systemd-notify --ready MAINPID=$victim; sleep 1000'
END
reload
systemctl start gullible
wait_until 3 "a service of root names the victim" eval '[ "$(show gullible MainPID)" = $victim ]'
for mode in host auto; do
        notifier "attacker-$mode" "sleep:0.2 send:$attack child:$attack send:READY=1 wait" UserNS=$mode
        start "attacker-$mode"
        assert_status "attacker-$mode" attacked
        [ "$(show "attacker-$mode" MainPID)" != $victim ] || fail "a container with UserNS=$mode has named a process of the host"
        assert_equal "$(cat "/proc/$(show "attacker-$mode" MainPID)/comm")" systemd-nspawn "main process"
        stop "attacker-$mode"
done
kill -0 $victim || fail "the victim is dead"
systemctl kill --signal=KILL gullible
rm /run/systemd/system/gullible.service
