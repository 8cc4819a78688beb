#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Volumes on something that is mounted: in memory, a directory of the host; what of them can change while they are;
# volumes that show an image; and a disk that is full. tests/vm has block devices, and limits.
. "$(dirname "$0")/lib.sh"

store=/var/lib/slipway/volumes
helper=/usr/libexec/slipway/slipway-volume

volume() {
        manifest "$1.volume"
        reload
        units+=("$1-volume.service")
}
use() {
        launch "$1" <<END
[Container]
Image=localhost/busybox
Volume=$2
Exec=sleep 1000
END
}

# --- in memory ---------------------------------------------------------------------------------------------------------

volume memory <<'END'
[Volume]
Type=tmpfs
Device=tmpfs
Options=mode=0750,nr_inodes=100
User=5
Group=6
[Slipway]
Size=1m
END
use tmp memory.volume:/var
assert_equal "$(inside tmp stat -c %u:%g /var)" 5:6 "owner"
assert_contains "$(findmnt -no OPTIONS $store/systemd-memory/data)" size=1024k
# What the image has there was copied.
assert_equal "$(inside tmp ls /var | sort | tr '\n' ' ')" "$(inside tmp ls /var | sort | tr '\n' ' ')"
! inside tmp dd if=/dev/zero of=/var/big bs=1k count=2000 2>/dev/null || fail "there is no limit"
inside tmp rm /var/big
inside tmp touch /var/kept

# A change of what is mounted has to wait; of the rest it need not.
volume memory <<'END'
[Volume]
Type=tmpfs
Device=tmpfs
Options=mode=0700
Label=new=yes
[Slipway]
Size=1m
END
! systemctl reload memory-volume.service 2>/dev/null || fail "what is mounted has changed"
assert_contains "$(journal memory-volume.service)" "Options= has changed"
assert_contains "$(journal memory-volume.service)" "systemctl restart memory-volume.service"
assert_active memory-volume.service
[ -e $store/systemd-memory/data/kept ] || fail "a reload has unmounted"
assert_active tmp
sed -i 's/^Options=.*/Options=mode=0750,nr_inodes=100/' /etc/slipway/memory.volume
reload
systemctl reload memory-volume.service
assert_equal "$(slipway volume inspect systemd-memory | jq -r '.[0].labels.new')" yes "label after a reload"

# Who requires it is stopped with it; it is unmounted, and comes back empty.
systemctl stop memory-volume.service
wait_state tmp inactive
! findmnt $store/systemd-memory/data >/dev/null || fail "it is still mounted"
manifest tmp.container <<'END'
[Container]
Image=localhost/busybox
Volume=systemd-memory:/var
Exec=sleep 1000
[Unit]
Requisite=memory-volume.service
END
rm /etc/slipway/memory.volume
reload
start_fails tmp
manifest tmp.container <<'END'
[Container]
Image=localhost/busybox
Volume=systemd-memory:/var
Exec=sleep 1000
END
reload
start_fails tmp
assert_status tmp "which is not mounted"

# --- a directory of the host -------------------------------------------------------------------------------------------

mkdir -p /srv/bound /srv/elsewhere
echo from the host >/srv/bound/file
volume bound <<'END'
[Volume]
Type=bind
Device=/srv/bound
Options=noexec
END
use binder bound.volume:/data
assert_equal "$(inside binder cat /data/file)" "from the host"
assert_contains "$(inside binder grep ' /data ' /proc/mounts)" noexec
inside binder touch /data/inside
assert_equal "$(stat -c %u /srv/bound/inside)" 0 "owner of what was made inside"
# It may have put a link there, and no other volume is led by it.
ln -s /etc /srv/bound/link
volume led <<'END'
[Volume]
Type=bind
Device=/srv/bound/link
END
start_fails led-volume.service
assert_status led-volume.service "is a link in a directory that a container can write to"
volume nowhere <<'END'
[Volume]
Type=none
Device=/srv/no-such-directory
Options=bind
END
start_fails nowhere-volume.service
assert_status nowhere-volume.service "make it first"

# --- a name that nobody has --------------------------------------------------------------------------------------------

volume somebody <<'END'
[Volume]
User=no-such-user
END
start_fails somebody-volume.service
assert_status somebody-volume.service "this host has no user 'no-such-user'"
[ ! -e $store/systemd-somebody ] || fail "it was made all the same"

# --- an image ----------------------------------------------------------------------------------------------------------

volume shown <<'END'
[Volume]
Driver=image
Image=localhost/postgresql
END
launch viewer <<'END'
[Container]
Image=localhost/busybox
Volume=shown.volume:/image
Volume=systemd-shown:/top:O
Mount=type=volume,source=systemd-shown,destination=/etc-of-it,subpath=/etc
Exec=sleep 1000
END
assert_contains "$(inside viewer cat /image/etc/os-release)" Debian
! inside viewer touch /image/no 2>/dev/null || fail "an image was written to"
inside viewer touch /top/yes
[ -n "$(inside viewer cat /etc-of-it/debian_version)" ] || fail "a part of an image is not there"

# --- the helper by hand ------------------------------------------------------------------------------------------------

! $helper up x --type=ext4 2>/srv/said || fail "a type of nothing"
assert_contains "$(cat /srv/said)" "--device="
! $helper up x --device=/dev/none --type=ext4 2>/srv/said || fail "no device"
assert_contains "$(cat /srv/said)" "cannot mount '/dev/none'"
! $helper up x --label==b 2>/dev/null || fail "a label without a name"
! $helper up x --no-such 2>/dev/null || fail "an option that is none"
$helper down no-such-volume
unshare --mount $helper up y 2>/srv/said && fail "mounted where nobody sees it"
assert_contains "$(cat /srv/said)" "mount namespace of its own"

# --- where nothing can be counted --------------------------------------------------------------------------------------

volume limited <<'END'
[Volume]
[Slipway]
Size=1m
END
start_fails limited-volume.service
assert_status limited-volume.service "is tmpfs, which counts for no single directory"

# --- a store that is small ---------------------------------------------------------------------------------------------

mount -t tmpfs -o size=8m,mode=0700 small $store
# An image that does not fit: said, and nothing is left; when there is room, it is done from the start.
dd if=/dev/zero of=$store/filler bs=1M count=100 2>/dev/null || true
launch_fails() {
        manifest tight.container
        reload
        start_fails tight
}
launch_fails <<'END'
[Container]
Image=localhost/postgresql
Volume=tight:/usr/share
Entrypoint=sleep
Exec=1000
END
assert_status tight "No space left on device"
[ ! -e $store/tight/copying ] || fail "half a copy was left"
rm $store/filler
sed -i 's,/usr/share$,/etc,' /etc/slipway/tight.container
reload
systemctl reset-failed tight
start tight
assert_equal "$(inside tight cat /etc/debian_version)" "$(cat $store/tight/data/debian_version)" "what was copied then"
stop tight
umount $store
