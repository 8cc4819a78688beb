#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Two units cannot run one container, and a writable layer that is full is the app's trouble, not the host's.
. "$(dirname "$0")/lib.sh"

for unit in first second; do
        manifest "$unit.container" <<'END'
[Container]
ContainerName=twin
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
END
done
# The generator says so, too; here it is the launcher's turn.
if systemctl start first 2>/dev/null; then
        fail "a manifest whose container name is taken does not say so"
fi
rm /etc/slipway/second.container
launch first <<'END'
[Container]
ContainerName=twin
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
END
units+=(other.service)
systemctl cat first | sed -n '/^\[Service\]/,/^\[X-/p' | grep -v '^\[X-' >/run/systemd/system/other.service
systemctl daemon-reload
start_fails other
assert_status other "running already, in unit first.service"
assert_active first
assert_lacks "$(journal other)" "cannot remove" "journal of a unit that has nothing to clean up"
assert_lacks "$(cat /run/slipway/containers/twin)" EXIT_STATUS= "record of the container that runs"
inside first true || fail "the container that was there first is harmed"
stop first
rm /run/systemd/system/other.service
reload
