#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The list shows every container with its state, those that have never run and those that cannot.
. "$(dirname "$0")/lib.sh"

manifest listed-off.container <<'END'
[Container]
Image=localhost/busybox
END
manifest listed-bad.container <<'END'
[Container]
Imgae=localhost/busybox
END
manifest listed@.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
END
launch listed-on <<'END'
[Container]
Image=localhost/busybox
ContainerName=on-%p
Exec=sh -c 'echo by name >/dev/stdout; exec sleep 1000'
StopSignal=KILL
END
start listed@one

field() {
        slipway list --json | jq -r --arg name "$1" ".[] | select(.name == \$name) | .$2"
}
assert_equal "$(field on-listed-on state)" active "state of what runs"
assert_equal "$(field on-listed-on image)" localhost/busybox "image of what runs"
assert_equal "$(field on-listed-on unit)" listed-on.service "unit of what runs"
assert_equal "$(field on-listed-on source)" /etc/slipway/listed-on.container "manifest of what runs"
[ "$(field on-listed-on memory)" -gt 4096 ] || fail "no memory is used"
[ "$(field on-listed-on since)" -gt "${started%%.*}000000" ] || fail "it runs since before it was started"
assert_equal "$(field listed-off state)" inactive "state of what was never started"
assert_equal "$(field listed-off memory)" null "memory of what was never started"
assert_equal "$(field listed-bad state)" fault "state of a bad manifest"
assert_contains "$(field listed-bad status)" "listed-bad.container:2:1: Imgae=" "status of a bad manifest"
assert_equal "$(field listed_one state)" active "state of an instance"
assert_equal "$(slipway list --quiet --running 'listed*' | tr '\n' ' ')" "listed_one on-listed-on " "names of what runs"

# Whoever is nobody sees the same, and a table is a table.
assert_contains "$(setpriv --reuid 65534 --regid 65534 --clear-groups slipway list)" "on-listed-on" "list for anybody"
assert_equal "$(slipway list | awk 'NR == 1 { print $1, $2, $3, $4, $5, $6, $7 }')" "NAME STATE HEALTH IMAGE SINCE MEMORY UNIT" headers

# What has been written to /dev/stdout is in the journal; when nobody writes, there is no process that waits for it.
line_is_logged() {
        journal listed-on | grep -q "by name"
}
wait_until 5 "the line is logged" line_is_logged
wait_until 20 "the pump ends" is_state slipway-stdio@on-listed-on.service inactive
assert_equal "$(show slipway-stdio@on-listed-on.socket ActiveState)" active "state of the socket"
stop listed-on
wait_until 5 "the socket is gone" is_state slipway-stdio@on-listed-on.socket inactive
[ ! -e /run/slipway/stdio/on-listed-on.out ] || fail "the FIFO is still there"
