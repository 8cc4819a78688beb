#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A volume on a block device waits for it and is mounted by its unit; one with a limit cannot hold more, where the file
# system counts.
. "$(dirname "$0")/lib.sh"

store=/var/lib/slipway/volumes
modprobe loop 2>/dev/null || true
modprobe ext4 2>/dev/null || true
modprobe quota_v2 2>/dev/null || true

# --- a block device ----------------------------------------------------------------------------------------------------

truncate -s 64M /srv/disk
mkfs.ext4 -q /srv/disk
device=$(losetup --find --show /srv/disk)
manifest disk.volume <<END
[Volume]
Type=ext4
Device=$device
Options=noatime
User=33
END
manifest block.container <<'END'
[Container]
Image=localhost/busybox
Volume=disk.volume:/var
Exec=sleep 1000
StopSignal=KILL
END
reload
start block
assert_contains "$(show disk-volume.service BindsTo)" "$(basename "$device").device"
assert_equal "$(inside block stat -c %u /var)" 33 "owner of the root of a device"
[ -d $store/systemd-disk/data/lost+found ] || fail "it is not mounted"
[ ! -e $store/systemd-disk/data/.slipway-copying ] || fail "something is left of copying"
inside block touch /var/on-disk
assert_equal "$(stat -c %u $store/systemd-disk/data/on-disk)" 0 "owner on the host"
systemctl stop disk-volume.service
wait_state block inactive
! findmnt $store/systemd-disk/data >/dev/null || fail "it is still mounted"
start block
[ -e $store/systemd-disk/data/on-disk ] || fail "what was on the disk is gone"
systemctl stop disk-volume.service
losetup -d "$device"

# --- a limit -----------------------------------------------------------------------------------------------------------

rm /srv/disk
truncate -s 64M /srv/disk
mkfs.ext4 -q -O quota,project -E quotatype=prjquota /srv/disk
mount -o loop,prjquota /srv/disk $store
manifest limited.volume <<'END'
[Volume]
[Slipway]
Size=1m
END
manifest full.container <<'END'
[Container]
Image=localhost/busybox
Volume=limited.volume:/data
Exec=sleep 1000
StopSignal=KILL
END
manifest free.volume <<'END'
[Volume]
END
reload
start free-volume.service
start full
! inside full dd if=/dev/zero of=/data/big bs=64k count=100 2>/dev/null || fail "there is no limit"
[ "$(stat -c %s $store/systemd-limited/data/big)" -le 1048576 ] || fail "more than the limit has been written"
[ "$(stat -c %s $store/systemd-limited/data/big)" -ge 500000 ] || fail "much less than the limit could be written"
inside full rm /data/big
sed -i 's/^Size=.*/Size=4m/' /etc/slipway/limited.volume
reload
systemctl reload limited-volume.service
inside full dd if=/dev/zero of=/data/big bs=64k count=48 2>/dev/null || fail "the new limit is not in force"
dd if=/dev/zero of=$store/systemd-free/data/big bs=1M count=8 2>/dev/null || fail "others are limited, too"
stop full
systemctl stop limited-volume.service free-volume.service
slipway volume rm systemd-limited systemd-free
umount $store

# --- where nothing is counted ------------------------------------------------------------------------------------------

mkfs.ext4 -q -F /srv/disk
mount -o loop /srv/disk $store
start_fails limited-volume.service
assert_status limited-volume.service "is ext4, and has to be made with"
umount $store
