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

# U gives what is bound to the app's user, all of it, and nothing that a link in there leads to.
mkdir -p /srv/given/below /srv/kept
touch /srv/given/below/file /srv/given/single /srv/kept/file
ln -s /srv/kept/file /srv/given/link
launch owner <<'END'
[Container]
Image=localhost/busybox
User=33
Volume=/srv/given:/given:U
Volume=/srv/kept:/srv/kept
Exec=sleep 1000
END
for file in /srv/given /srv/given/below /srv/given/below/file /srv/given/single /srv/given/link; do
        assert_equal "$(stat -c %u "$file")" 33 "owner of $file"
done
assert_equal "$(stat -c %u /srv/kept/file)" 0 "owner of what a link leads to"

# A setting of the container's network is no way to one of the host.
panic=$(cat /proc/sys/kernel/panic)
for setting in "net/../kernel/panic=$panic" "net/ipv4/../../kernel/panic=$panic" "fs.mqueue./../../kernel/panic=$panic"; do
        manifest setting.container <<END
[Container]
Image=localhost/busybox
UserNS=host
Sysctl=$setting
Exec=true
END
        reload
        start_fails setting
done
