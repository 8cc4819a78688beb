#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An image that is not there, and may or can not be fetched, is said to be so, together with what to do.
. "$(dirname "$0")/lib.sh"

manifest absent.container <<'END'
[Container]
Image=docker.io/library/no-such-image:7
Pull=never
END
manifest unreachable.container <<'END'
[Container]
Image=docker.io/library/no-such-image:7
END
reload
start_fails absent
assert_status absent "docker.io/library/no-such-image:7"
assert_status absent "slipway-import(1)"
assert_equal "$(show absent ExecMainStatus)" 125 "exit status"

# This host has no way to that registry.
start_fails unreachable
assert_status unreachable "cannot pull 'docker.io/library/no-such-image:7'"
assert_equal "$(show unreachable ExecMainStatus)" 125 "exit status when it cannot be fetched"
