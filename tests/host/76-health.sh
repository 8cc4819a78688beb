#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Health: who is told how a container is, what a check may do, and what it cannot do.
. "$(dirname "$0")/lib.sh"

records=/run/slipway/containers

health() {
        slipway list --json | jq -r --arg name "$1" ".[] | select(.name == \$name) | .${2:-health}"
}

is_health() {
        [ "$(health "$1")" = "$2" ]
}

wait_health() {
        wait_until 15 "$1 is $2" is_health "$1" "$2"
}

results() {
        jq -r "$2" "$records/.$1.health-log"
}

checker() {
        pgrep -o -x -f "/usr/libexec/slipway/slipway-health $1 .*"
}

# --- starting, healthy, unhealthy and back; nobody does anything about it -------------------------------------------

launch moody <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
Environment=MOOD=fine
WorkingDir=/tmp
HealthCmd=echo "$$(id -u) $${MOOD} $$(pwd)"; test ! -e ill || { echo "oh"; echo "dear"; exit 3; }
HealthInterval=1s
HealthRetries=2
User=1000:1000
END
wait_health moody starting
assert_status moody "starting; waiting for a health check to succeed"
wait_health moody healthy
assert_status moody "healthy since "
assert_equal "$(results moody .Log[0].Output)" "1000 fine /tmp" "user, environment and directory of the check"
assert_equal "$(results moody .Log[0].ExitCode)" 0 "exit status"
[ "$(health moody health_checks)" -ge 1 ] || fail "no check is counted"
fields=$(entry moody "healthy: the health check has succeeded")
assert_equal "$(jq -r .CONTAINER_NAME <<<"$fields")" moody "name in the journal"
assert_equal "$(jq -r .HEALTH_STATUS <<<"$fields")" healthy "state in the journal"
assert_equal "$(jq -r .MESSAGE_ID <<<"$fields")" e948ff273cab4daaa25c5e57af143df9 "id in the journal"

inside moody touch /tmp/ill
wait_health moody unhealthy
assert_status moody "failures in a row, exit status 3: dear)"
fields=$(entry moody "unhealthy: 2 failures in a row, exit status 3: dear")
assert_equal "$(jq -r .HEALTH_STREAK <<<"$fields")" 2 "streak in the journal"
assert_equal "$(jq -r .HEALTH_EXIT_STATUS <<<"$fields")" 3 "exit status in the journal"
assert_contains "$(jq -r .HEALTH_OUTPUT <<<"$fields")" $'oh\ndear' "output in the journal"
assert_equal "$(jq -r .MESSAGE_ID <<<"$fields")" 793a9609baed44b298d2970b6bc73563 "id in the journal"
sleep 2.2
assert_active moody
[ "$(health moody health_streak)" -ge 3 ] || fail "the streak does not go on"

inside moody rm /tmp/ill
wait_health moody healthy
assert_equal "$(journal moody MESSAGE_ID=793a9609baed44b298d2970b6bc73563 | wc -l)" 1 "entries for one change"
[ "$(results moody '.Log | length')" -le 5 ] || fail "more than five results are kept"
assert_equal "$(stat -c %a $records/.moody.health)" 644 "mode of the state"
assert_equal "$(stat -c %a $records/.moody.health-log)" 600 "mode of the results"

# --- a checker that is killed is missed, and nothing else -------------------------------------------------------------

kill -KILL "$(checker moody)"
wait_health moody unknown
assert_active moody
stop moody
assert_equal "$(show moody Result)" success "result of a container without its checker"
[ ! -e $records/.moody.health ] || fail "the state is still there"
start moody
wait_health moody healthy
pid=$(checker moody)
stop moody
[ ! -e "/proc/$pid" ] || fail "the checker has outlived its container"
assert_equal "$(show moody Result)" success "result"

# --- what a check cannot do -------------------------------------------------------------------------------------------

# It is killed with all that it has started, in whatever session that is; the app is not.
launch slow <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
HealthCmd=setsid sh -c 'setsid sleep 4711 & sleep 4712 & wait' & sleep 4713 & sleep 4714
HealthInterval=1s
HealthTimeout=700ms
HealthRetries=1
END
wait_health slow unhealthy
assert_status slow "no answer in 0."
assert_equal "$(results slow .Log[0].ExitCode)" -1 "exit status of what takes too long"
assert_equal "$(journal slow HEALTH_EXIT_STATUS=-1 | wc -l)" 1 "entries with that status"
none_is_left() {
        ! pgrep -f '^sleep 471[1-4]'
}
wait_until 5 "all of the check is killed" none_is_left
assert_active slow
[ "$(cat "/proc/$(payload slow)/status" | awk '/^State:/ { print $2 }')" != Z ] || fail "the app was killed, too"
stop slow

# It can write as much as it likes, and does not wait for anybody; what it leaves behind may keep the pipe.
launch flood <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
HealthCmd=echo first; dd if=/dev/zero bs=64k count=256 2>/dev/null | tr '\0' x; sleep 300 & exit 0
HealthInterval=300ms
HealthTimeout=20s
END
wait_health flood healthy
assert_equal "$(results flood '.Log[0].Output | length')" 4099 "what is kept of 16 MiB"
assert_contains "$(results flood '.Log[0].Output')" "first" "what is kept"
[ "$(awk '/^VmHWM:/ { print $2 }' "/proc/$(checker flood)/status")" -lt 2000 ] || fail "the checker has grown"
stop flood

# Bytes are not text.
launch bytes <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
HealthCmd=printf '\033[31m\377\n"\\'; exit 1
HealthInterval=300ms
HealthRetries=1
END
wait_health bytes unhealthy
assert_equal "$(results bytes '.Log[0].Output')" $'\e[31m\xef\xbf\xbd\n"\\' "output"
assert_status bytes 'exit status 1: "\)'
stop bytes

# What is not there fails, and says so.
launch nothing <<'END'
[Container]
Image=localhost/scratch
Exec=sleep 1000
HealthCmd=["CMD", "/not/there"]
HealthInterval=300ms
HealthRetries=1
END
wait_health nothing unhealthy
assert_status nothing "exit status 127: cannot execute '/not/there': it is not in the image)"
stop nothing

# Nor does a container pass for well that has no room for a check.
if has_controller pids; then
        launch crowded <<'END'
[Container]
Image=localhost/scratch
Exec=fork 1000
PidsLimit=20
HealthCmd=["CMD", "/app", "exit", "0"]
HealthInterval=300ms
HealthRetries=1
END
        wait_health crowded unhealthy
        assert_status crowded "exit status 125: cannot make a process in the container: its limit of processes is reached"
        stop crowded
fi

# With an init of ours as process 1, it is the app's siblings.
launch tended <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
RunInit=yes
HealthCmd=echo $$PPID
HealthInterval=300ms
END
wait_health tended healthy
stop tended

# A check has no more rights than the app: not even those that it had on the way.
launch meek <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
DropCapability=all
NoNewPrivileges=yes
ReadOnly=yes
HealthCmd=grep -E '^(Cap(Prm|Eff|Bnd)|NoNewPrivs|Seccomp):' /proc/self/status; ls /proc/self/fd; touch /x
HealthInterval=300ms
HealthRetries=1
END
wait_health meek unhealthy
output=$(results meek '.Log[0].Output')
assert_equal "$(grep -c $'\t0000000000000000' <<<"$output")" 3 "empty sets of capabilities"
assert_contains "$output" $'NoNewPrivs:\t1' "status"
assert_contains "$output" $'Seccomp:\t2' "status"
assert_contains "$output" "touch: /x: Read-only file system" "output"
assert_equal "$(grep -cE '^[0-9]+$' <<<"$output")" 4 "descriptors, with that of ls"
stop meek
