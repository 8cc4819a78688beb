#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The shortest way: a manifest, a reload, a start; a log line, a status, a stop.
. "$(dirname "$0")/lib.sh"

launch first <<'END'
[Container]
Image=localhost/busybox
RunInit=yes
Exec=sh -c 'echo "first light"; exec sleep 1000'
END

assert_active first
assert_journal first "first light"
assert_contains "$(systemctl status first)" "Container first" "systemctl status"
assert_equal "$(show first SourcePath)" /etc/slipway/first.container "source path"
assert_equal "$(show first Slice)" slipway.slice "slice"

# The line belongs to the app, and says which container and image it is from.
line=$(entry first "first light")
assert_equal "$(jq -r .CONTAINER_NAME <<<"$line")" first CONTAINER_NAME
assert_contains "$(jq -r .IMAGE_NAME <<<"$line")" localhost/busybox IMAGE_NAME
assert_equal "$(jq -r .PRIORITY <<<"$line")" 6 "priority of standard output"
assert_equal "$(jq -r .SYSLOG_IDENTIFIER <<<"$line")" first SYSLOG_IDENTIFIER

assert_contains "$(slipway list)" first "slipway list"
assert_equal "$(slipway list --json | jq -r '.[] | select(.name == "first") | .state')" active "state in slipway list"

stop first
assert_equal "$(show first Result)" success "result"
assert_equal "$(show first ActiveState)" inactive "state"

# Nothing is left: no mounts, no writable layer.
assert_lacks "$(cat /proc/self/mounts)" containers/first "mounts of the host"
[ ! -e /var/lib/slipway/containers/first ] || fail "/var/lib/slipway/containers/first has outlived the container"
