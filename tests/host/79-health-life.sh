#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A checker's life: it costs little, writes nothing but its state, survives pauses, and may be killed at any moment.
. "$(dirname "$0")/lib.sh"

health() {
        slipway list --json | jq -r --arg name "$1" ".[] | select(.name == \$name) | .${2:-health}"
}

is_health() {
        [ "$(health "$1")" = "$2" ]
}

has_checks() {
        [ "$(health "$1" health_checks)" -ge "$2" ]
}

checker() {
        pgrep -o -x -f "/usr/libexec/slipway/slipway-health $1 .*"
}

# --- startup checks come first, and then no more ----------------------------------------------------------------------

rm -rf /srv/stages
mkdir -m 700 /srv/stages
launch stages <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
Volume=/srv/stages:/state
HealthStartupCmd=echo startup >>/state/log; test -e /state/up
HealthStartupInterval=200ms
HealthStartupSuccess=2
HealthCmd=echo regular >>/state/log
HealthInterval=200ms
END
log_has() {
        [ "$(grep -c "$1" /srv/stages/log)" -ge "$2" ]
}
wait_until 10 "startup is probed" log_has startup 3
assert_equal "$(health stages)" starting "state"
! grep -q regular /srv/stages/log || fail "the regular check has begun too early"
touch /srv/stages/up
wait_until 10 "the regular check begins" log_has regular 3
assert_equal "$(uniq /srv/stages/log | tr '\n' ' ')" "startup regular " "order of checks"
assert_equal "$(health stages)" healthy "state"
stop stages

# --- results elsewhere --------------------------------------------------------------------------------------------------

mkdir -p /srv/results
launch noted <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
HealthCmd=echo 0123456789
HealthInterval=200ms
HealthLogDestination=/srv/results
HealthMaxLogCount=2
HealthMaxLogSize=4
END
wait_until 10 "there are results" has_checks noted 4
assert_equal "$(jq -r '.Log | length' /srv/results/noted-healthcheck.log)" 2 "results that are kept"
assert_equal "$(jq -r '.Log[0].Output' /srv/results/noted-healthcheck.log)" 0123... "output that is kept"
[ ! -e /run/slipway/containers/.noted.health-log ] || fail "results are in two places"
stop noted
launch logged <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
HealthCmd=echo all is well
HealthInterval=200ms
HealthLogDestination=events_logger
END
wait_until 10 "there are results" has_checks logged 4
assert_journal logged "health check: exit status 0: all is well" HEALTH_STATUS=healthy
[ ! -e /run/slipway/containers/.logged.health-log ] || fail "results are in two places"
stop logged

# --- an idle checker ----------------------------------------------------------------------------------------------------

launch idle <<'END'
[Container]
Image=localhost/scratch
Exec=sleep 1000
HealthCmd=["CMD", "/app", "print", "fine"]
HealthInterval=100ms

[Unit]
StartLimitBurst=100
END
wait_until 10 "it is healthy" is_health idle healthy
pid=$(checker idle)
lines=$(journalctl --quiet --no-pager --since="@$started" | wc -l)
files=$(find /run/slipway /var/lib/slipway /srv -newermt "@$started" -type f | sort)
before=$(health idle health_checks)
sleep 2
[ "$(health idle health_checks)" -gt $((before + 5)) ] || fail "nothing was probed meanwhile"
assert_equal "$(journalctl --quiet --no-pager --since="@$started" | wc -l)" "$lines" "lines in the journal"
assert_equal "$(find /run/slipway /var/lib/slipway /srv -newermt "@$started" -type f | sort)" "$files" "files that are written"
[ "$(stat -c %s /run/slipway/containers/.idle.health)" -lt 512 ] || fail "the state is large"
# The standard ones, and two processes; more while it probes.
has_few_descriptors() {
        [ "$(find "/proc/$pid/fd" -type l | wc -l)" = 5 ]
}
wait_until 5 "the checker keeps five descriptors" has_few_descriptors
small_enough() {
        [ "$(awk '/^Pss:/ { print $2 }' "/proc/$pid/smaps_rollup")" -le 300 ]
}
wait_until 5 "the checker has shrunk to 300 KB" small_enough

# --- who is paused is not judged -----------------------------------------------------------------------------------------

if systemctl freeze idle 2>/dev/null; then
        sleep 3
        systemctl thaw idle
        sleep 0.5
        assert_equal "$(health idle)" healthy "state after a pause"
        assert_lacks "$(journal idle)" unhealthy "journal"
fi
# Also when only the checker stood still.
kill -STOP "$pid"
sleep 3
kill -CONT "$pid"
before=$(health idle health_checks)
wait_until 5 "it goes on" has_checks idle $((before + 2))
assert_equal "$(health idle)" healthy "state after the checker's pause"

# --- with the host's root, it is out of its own reach -------------------------------------------------------------------

launch rooted <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
UserNS=host
HealthCmd=id -u; readlink /proc/1/exe
HealthInterval=200ms
END
wait_until 10 "it is healthy" is_health rooted healthy
pid=$(checker rooted)
assert_contains "$(touch -c "/proc/$pid/exe" 2>&1)" "Read-only file system" "touching the checker's executable"
stop rooted

# --- killed at any moment -------------------------------------------------------------------------------------------------

for delay in 0 0.02 0.05 0.1 0.13 0.2; do
        systemctl restart idle
        sleep "$delay"
        pkill -KILL -x slipway-health || true
        assert_active idle
done
wait_until 5 "nobody watches" is_health idle unknown
stop idle
assert_equal "$(show idle Result)" success "result"
start idle
wait_until 5 "it is healthy" is_health idle healthy
stop idle
left=$(find /run/slipway/containers -name '.*.health*')
assert_equal "$left" "" "what is left"
