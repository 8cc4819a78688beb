#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A container whose manifest was taken away while it ran can be stopped, and has no claim on its image after that.
. "$(dirname "$0")/lib.sh"

slipway import oci:/srv/images/oci:busybox localhost/orphan >/dev/null
launch orphan <<'END'
[Container]
Image=localhost/orphan
StopSignal=KILL
Exec=sleep 1000
END
launch other <<'END'
[Container]
Image=localhost/scratch
Exec=sleep 1000
END
rm /etc/slipway/orphan.container
reload
assert_active orphan
systemctl kill --signal=KILL orphan
wait_until 15 "orphan has ended" is_state orphan failed

slipway rmi localhost/orphan >/dev/null || fail "the image of a container that has ended is not removed"
[ ! -e /var/lib/slipway/containers/orphan ] || fail "the files of a container that has ended are still there"
[ -e /var/lib/slipway/containers/other/upper ] || fail "the files of a container that runs are gone"
assert_active other
