#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A volume that is on another machine, by NFS: this one is both. Its unit mounts it as the manifest says, and tells why
# when the server does not let it.
. "$(dirname "$0")/lib.sh"

modprobe nfsd 2>/dev/null || skip "the kernel has no server of NFS"
mkdir -p /srv/export/media
echo here >/srv/export/media/file
echo '/srv/export 127.0.0.1(rw,no_root_squash,insecure,no_subtree_check,fsid=0)' >/etc/exports
systemctl start nfs-server.service || fail "there is no server"
exportfs -ra
manifest media.volume <<'END'
[Volume]
Type=nfs
Device=127.0.0.1:/media
Options=vers=4.2,soft,retry=0
END
manifest reader.container <<'END'
[Container]
Image=localhost/busybox
Volume=media.volume:/media
Network=none
UserNS=host
Exec=sleep 1000
StopSignal=KILL
END
reload
start reader
data=/var/lib/slipway/volumes/systemd-media/data
assert_equal "$(slipway exec reader cat /media/file)" here "what is on the other machine"
assert_contains "$(findmnt -no FSTYPE,OPTIONS $data)" "vers=4.2" "how it is mounted"
slipway exec reader sh -c 'echo there >/media/new' || fail "it cannot be written to"
assert_equal "$(cat /srv/export/media/new)" there "what was written"
assert_contains "$(show media-volume.service After)" remote-fs-pre.target "what its unit comes after"
stop reader
systemctl stop media-volume.service
! findmnt $data >/dev/null || fail "it is still mounted"

# Who has ids of its own sees files of nobody: NFS cannot map their owners, which the journal says.
sed 's/^UserNS=.*//' /etc/slipway/reader.container | manifest stranger.container
reload
start stranger
assert_equal "$(slipway exec stranger cat /media/file)" here "what is on the other machine, for one with ids of its own"
assert_equal "$(slipway exec stranger stat -c %u /media/file)" 65534 "owner for one with ids of its own"
assert_journal stranger "cannot map the owners of 'systemd-media' for the container"
stop stranger
systemctl stop media-volume.service

# What the server does not have, and no server.
sed -i 's,^Device=.*,Device=127.0.0.1:/nothing,' /etc/slipway/media.volume
reload
start_fails media-volume.service
assert_status media-volume.service "cannot mount '127.0.0.1:/nothing': mount.nfs: mounting 127.0.0.1:/nothing failed, reason given by server: No such file or directory"
sed -i 's,^Device=.*,Device=127.0.0.1:/media,' /etc/slipway/media.volume
reload
systemctl stop nfs-server.service
systemctl reset-failed media-volume.service
start_fails reader
assert_status media-volume.service "cannot mount '127.0.0.1:/media': mount.nfs: "
systemctl start nfs-server.service
systemctl reset-failed media-volume.service
start reader
stop reader
systemctl stop media-volume.service
