#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Files in a bind belong to whom the administrator expects, seen from both sides.
. "$(dirname "$0")/lib.sh"

mkdir -p /srv/both/sub /srv/fixed
echo "from the host" >/srv/both/host
chown 33:33 /srv/both/sub
chmod 755 /srv/both /srv/fixed

launch binder <<'END'
[Container]
Image=localhost/busybox
Volume=/srv/both:/data
Volume=/srv/fixed:/fixed:ro
Volume=/srv/both/host:/etc/motd:ro
Mount=type=bind,source=/srv/both/sub,destination=/mnt/sub
Exec=sleep 1000
END

assert_equal "$(inside binder stat -c %u:%g /data/host)" 0:0 "owner inside"
assert_equal "$(inside binder stat -c %u /data/sub)" 33 "owner inside"
assert_equal "$(inside binder cat /etc/motd)" "from the host" "content of a bound file"
inside binder touch /data/inside /mnt/sub/inside
inside binder chown 33 /data/inside
assert_equal "$(stat -c %u:%g /srv/both/inside)" 33:0 "owner on the host"
assert_equal "$(stat -c %u /srv/both/sub/inside)" 0 "owner on the host"
! inside binder touch /fixed/no 2>/dev/null || fail "a read-only bind can be written"

# A source that is not there: said, with its name.
manifest sourceless.container <<'END'
[Container]
Image=localhost/busybox
Mount=type=bind,source=/srv/no-such-source,destination=/data
END
reload
start_fails sourceless
assert_status sourceless /srv/no-such-source
