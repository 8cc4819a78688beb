#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Standard output and error are two priorities in the journal, whether inherited or opened by name.
. "$(dirname "$0")/lib.sh"

launch talker <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'echo by out; echo by err >&2; echo by name >/dev/stdout; echo by bad name >/dev/stderr; sleep 1000'
END

priority() {
        entry talker "$1" | jq -r .PRIORITY
}
assert_equal "$(priority "by out")" 6 "priority of standard output"
assert_equal "$(priority "by err")" 3 "priority of standard error"
assert_equal "$(priority "by name")" 6 "priority of /dev/stdout"
assert_equal "$(priority "by bad name")" 3 "priority of /dev/stderr"

# The lines that came by the FIFOs carry the container's fields, too, and status shows them.
assert_equal "$(entry talker "by name" | jq -r .CONTAINER_NAME)" talker CONTAINER_NAME
assert_contains "$(systemctl status talker)" "by bad name" "systemctl status"
