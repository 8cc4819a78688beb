#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Volumes that are kept: made by units and by who names them first, shared by containers whose ids differ, begun with
# what the image has, and owned by whom the manifest says.
. "$(dirname "$0")/lib.sh"

store=/var/lib/slipway/volumes

# --- one that is kept, for two -----------------------------------------------------------------------------------------

manifest data.volume <<'END'
[Volume]
Label=tier=one
User=33
Group=www-data
END
launch one <<'END'
[Container]
Image=localhost/busybox
Volume=data.volume:/data
Exec=sleep 1000
END
assert_active data-volume.service
assert_equal "$(stat -c %u:%g:%a $store/systemd-data/data)" 33:33:755 "owner on the host"
assert_equal "$(inside one stat -c %u:%g /data)" 33:33 "owner inside"
inside one sh -c 'echo kept >/data/file; chown 7:8 /data/file; touch /data/of-root'
assert_equal "$(stat -c %u:%g $store/systemd-data/data/file)" 7:8 "owner of a file on the host"
launch two <<'END'
[Container]
Image=localhost/busybox
Volume=systemd-data:/elsewhere
Exec=sleep 1000
END
assert_equal "$(show two Requires | tr ' ' '\n' | grep volume)" data-volume.service "what two needs"
[ "$(sed -n 's/^BASE=//p' /run/slipway/containers/one)" != "$(sed -n 's/^BASE=//p' /run/slipway/containers/two)" ] ||
        fail "both have the same ids"
assert_equal "$(inside two cat /elsewhere/file)" kept "what the other has written"
assert_equal "$(inside two stat -c %u:%g /elsewhere/file)" 7:8 "owner seen by the other"
inside two sh -c 'echo more >>/elsewhere/of-root; touch /elsewhere/second'
assert_equal "$(inside one stat -c %u /data/second)" 0 "owner of what the other's root has made"
stop two
stop one
systemctl restart data-volume.service
start one
assert_equal "$(inside one cat /data/file /data/of-root)" "kept
more" "after a restart"
grep -qx VOLUME=systemd-data /run/slipway/containers/one || fail "the record does not say which volumes there are"

# --- one without a manifest, and one without a name --------------------------------------------------------------------

launch first <<'END'
[Container]
Image=localhost/busybox
Volume=plain:/plain
Volume=/anonymous
Volume=plain:/bin2:nocopy,ro
Exec=sleep 1000
END
inside first touch /plain/a /anonymous/b
[ -e $store/plain/data/a ] || fail "the volume is not where it should be"
! inside first touch /bin2/no 2>/dev/null || fail "a read-only volume can be written"
[ -e /var/lib/slipway/containers/first/volumes/0/data/b ] || fail "the anonymous volume is not where it should be"
stop first
[ -e $store/plain/data/a ] || fail "the volume was removed"
[ ! -e /var/lib/slipway/containers/first ] || fail "the anonymous volume was not removed"

# --- a template --------------------------------------------------------------------------------------------------------

manifest each@.volume <<'END'
[Volume]
Label=of=%i
END
manifest many@.container <<'END'
[Container]
Image=localhost/busybox
Volume=each@.volume:/data
Exec=sleep 1000
END
reload
start many@red
start many@blue
assert_active each-volume@red.service
inside many@red touch /data/red
[ -e $store/systemd-each-red/data/red ] && [ ! -e $store/systemd-each-blue/data/red ] ||
        fail "instances do not have volumes of their own"

# --- what the image has ------------------------------------------------------------------------------------------------

launch copies <<'END'
[Container]
Image=localhost/postgresql
Volume=etc:/etc
Volume=/etc/default
Entrypoint=sleep
Exec=1000
END
assert_equal "$(inside copies cat /etc/debian_version)" "$(cat $store/etc/data/debian_version)" "what was copied"
assert_equal "$(stat -c %u:%g:%a $store/etc/data/shadow)" 0:42:640 "owner and mode of what was copied"
assert_equal "$(jq -r .state $store/etc/volume.json)" ready "state"
rm $store/etc/data/debian_version
systemctl restart copies
[ ! -e $store/etc/data/debian_version ] || fail "it was copied twice"
