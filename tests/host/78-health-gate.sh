#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Notify=healthy: a unit is ready when its first check has succeeded, and others wait for that.
. "$(dirname "$0")/lib.sh"

# Another unit wants a database that answers, and not one that is about to make its cluster.
rm -rf /srv/gate
mkdir -p /srv/gate/data
chown 999:999 /srv/gate/data
manifest gate.container <<'END'
[Container]
Image=localhost/postgresql
Environment=POSTGRES_PASSWORD=tiller
Volume=/srv/gate/data:/var/lib/postgresql/data
ShmSize=128m
Notify=healthy
HealthCmd=pg_isready -h 127.0.0.1 -U postgres
HealthInterval=10s
HealthStartPeriod=100s

[Slipway]
HealthStartInterval=250ms
END
mkdir -p /run/systemd/system
cat >/run/systemd/system/gate-client.service <<'END'
[Unit]
Requires=gate.service
After=gate.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=sh -c 'p=$$(systemctl show --value --property MainPID gate); i=$$(cat /proc/$$p/task/$$p/children); nsenter --target $$i --net --mount --root --user --setuid 0 --setgid 0 --pid /usr/bin/psql -h 127.0.0.1 -U postgres -Atc "select 4711"'
Environment=PGPASSWORD=tiller
END
reload
units+=(gate-client.service)
systemctl start gate-client || fail "the client does not start: $(journal gate-client)"
assert_active gate
assert_status gate "healthy since"
assert_journal gate-client 4711
systemctl stop gate-client gate
rm /run/systemd/system/gate-client.service

# It is activating until then, and the checks before do not count.
launch_slowly() {
        manifest "$1.container"
        reload
        units+=("$1.service")
        systemctl start --no-block "$1"
}
launch_slowly patient <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'sleep 2; touch /tmp/up; trap "exit 0" TERM; while :; do sleep 0.1; done'
Notify=healthy
HealthCmd=test -e /tmp/up || { echo "not yet"; exit 1; }
HealthInterval=300ms
HealthRetries=1
HealthStartPeriod=30s

[Slipway]
HealthStartInterval=200ms

[Service]
TimeoutStartSec=1
END
is_waiting() {
        [ "$(show patient StatusText)" = "starting; the last health check failed (exit status 1: not yet)" ]
}
wait_until 10 "it says that it waits" is_waiting
assert_equal "$(show patient ActiveState)" activating "state"
# The start period counts, and not the time that a start may take.
wait_until 10 "it is ready" is_state patient active
assert_lacks "$(journal patient)" unhealthy "journal"
stop patient

# One that is never well does not become ready.
manifest ill.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
Notify=healthy
HealthCmd=echo "no such luck"; exit 1
HealthInterval=200ms
HealthRetries=2

[Service]
TimeoutStartSec=2
END
reload
start_fails ill
assert_equal "$(show ill Result)" timeout "result"
assert_status ill "the health check has not succeeded before TimeoutStartSec= was over (exit status 1: no such luck)"
assert_journal ill "unhealthy: 2 failures in a row, exit status 1: no such luck"

# With kill, it need not wait for that.
sed -i 's/^HealthRetries=.*/&\nHealthOnFailure=kill/; s/^TimeoutStartSec=.*/TimeoutStartSec=60/' /etc/slipway/ill.container
reload
before=$EPOCHREALTIME
start_fails ill
awk -v a="$before" -v b="$EPOCHREALTIME" 'BEGIN { exit b - a > 20 }' || fail "the start has waited for its timeout"

# There has to be a check, and an image may have one: that of nginx has.
manifest unchecked.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
Notify=healthy
END
reload
start_fails unchecked
assert_status unchecked "Notify=healthy waits for a health check, and there is none: set HealthCmd="
launch checked <<'END'
[Container]
Image=localhost/nginx
Notify=healthy
HealthInterval=300ms
END
assert_active checked
assert_contains "$(tr '\0' ' ' <"/proc/$(pgrep -x -f '/usr/libexec/slipway/slipway-health checked .*')/cmdline")" \
        "--timeout=3s --ready -- curl -fsS http://localhost/" "the image's own check, with the manifest's interval"
stop checked

# And it can be put aside.
launch aside <<'END'
[Container]
Image=localhost/nginx
HealthCmd=none
END
! pgrep -x -f '/usr/libexec/slipway/slipway-health aside .*' || fail "the image's check is probed"
assert_equal "$(slipway list --json | jq -r '.[] | select(.name == "aside") | .health')" null "health of what is not probed"
stop aside
