#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Two manifests that want the same name fail both, or the later one, and name each other; another container is not hurt.
. "$(dirname "$0")/lib.sh"

manifest one.container <<'END'
[Container]
Image=localhost/busybox
ServiceName=shared
Exec=sleep 1000
END
manifest two.container <<'END'
[Container]
Image=localhost/busybox
ServiceName=shared
Exec=sleep 1000
END
manifest other.container <<'END'
[Container]
Image=localhost/busybox
ContainerName=fine
Exec=hostname
END
reload
units+=(shared.service)
start_fails shared
assert_contains "$(journal shared; show shared StatusText)" one.container "message"
assert_contains "$(journal shared; show shared StatusText)" two.container "message"

start other
assert_journal other fine
