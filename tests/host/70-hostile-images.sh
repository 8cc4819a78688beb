#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Roots that want to lead somebody astray: links in place of directories, FIFOs in place of files, descriptors as
# working directories. They harm nobody but themselves.
. "$(dirname "$0")/lib.sh"

tree=/srv/tree
busybox=$(find /var/lib/slipway/layers -name busybox -path '*/bin/*' -type f | head -n 1)
[ -n "$busybox" ] || skip "no busybox in the store"

# A root with nothing but a shell.
fresh() {
        rm -rf "$tree"
        mkdir -p "$tree/bin"
        cp "$busybox" "$tree/bin/busybox"
        ln -s busybox "$tree/bin/sh"
        chmod 755 "$tree" "$tree/bin"
}
# try NAME COMMAND: what the command says in a container with that root.
try() {
        local name=$1
        shift
        launch "$name" <<END
[Container]
Rootfs=$tree:O
Exec=/bin/busybox $*
$extra
END
        wait_until 10 "$name has ended" is_state "$name" inactive
        journalctl --sync
        journal "$name" "SYSLOG_IDENTIFIER=$name"
}
extra=

# Directories that are links to others, or none at all.
fresh
mkdir "$tree/etc" "$tree/elsewhere"
ln -s /etc "$tree/dev"
ln -s ../../../../../../etc "$tree/proc"
ln -s /proc/self/root "$tree/sys"
ln -s /elsewhere "$tree/run"
echo untouched >"$tree/tmp"
try links ls /dev /sys /etc >/tmp/out
assert_contains "$(cat /tmp/out)" urandom "/dev in place of a link"
assert_contains "$(cat /tmp/out)" kernel "/sys in place of a link"
assert_equal "$(find "$tree/etc" "$tree/elsewhere" -mindepth 1)" "" "what was put into the tree"

# All of /etc a link to the host's, by as many dots as it takes.
fresh
ln -s ../../../../../../../../../../../etc "$tree/etc"
before=$(stat -c %i:%Y:%s /etc /etc/hostname /etc/hosts 2>/dev/null || true)
try far cat /etc/hostname >/tmp/out 2>&1
assert_equal "$(cat /tmp/out)" far "/etc/hostname"
assert_equal "$(stat -c %i:%Y:%s /etc /etc/hostname /etc/hosts 2>/dev/null || true)" "$before" "the host's /etc"

# Files in /etc that are links, FIFOs, directories.
fresh
mkdir -p "$tree/etc/hostname"
ln -s /etc/victim "$tree/etc/hosts"
mkfifo "$tree/etc/resolv.conf"
echo victim >"$tree/etc/victim"
try fifos cat /etc/victim /etc/hosts >/tmp/out
assert_contains "$(cat /tmp/out)" victim "the file that a link led to"
assert_contains "$(cat /tmp/out)" localhost "/etc/hosts"

# A list of users that never ends.
fresh
mkdir "$tree/etc"
mkfifo "$tree/etc/passwd"
manifest endless.container <<END
[Container]
Rootfs=$tree:O
User=somebody
Exec=/bin/busybox id
END
reload
start_fails endless
assert_status endless "no plain file"
rm "$tree/etc/passwd"
ln -s /dev/zero "$tree/etc/passwd"
start_fails endless
assert_status endless "no plain file"

# A descriptor as working directory: the launcher has the host's open, the app must not come to see them.
fresh
for directory in /proc/self/fd/3 /proc/self/fd/5 /proc/self/fd/8 /proc/1/cwd; do
        manifest descriptor.container <<END
[Container]
Rootfs=$tree:O
WorkingDir=$directory
Exec=/bin/busybox ls ..
END
        reload
        start_fails descriptor
done
ln -s /proc/self/fd/5 "$tree/work"
sed -i 's|^WorkingDir=.*|WorkingDir=/work|' /etc/slipway/descriptor.container
reload
start_fails descriptor

# A volume whose target leads into /proc, or out of the root.
fresh
mkdir -p /srv/volume
echo "of the volume" >/srv/volume/file
ln -s /proc "$tree/data"
manifest procfs.container <<END
[Container]
Rootfs=$tree:O
Volume=/srv/volume:/data/self
Exec=/bin/busybox true
END
reload
start_fails procfs
assert_status procfs "leads into /proc"
rm "$tree/data"
ln -s ../../../../srv/volume/made "$tree/data"
extra=Volume=/srv/volume:/data/here try outside cat /srv/volume/made/here/file >/tmp/out
assert_equal "$(cat /tmp/out)" "of the volume" "a volume behind a link"
[ ! -e /srv/volume/made ] || fail "a link of the image led to the host"
[ ! -e "$tree/srv" ] || fail "the root itself was written to"

# Set-user-ID root is the container's root.
fresh
chmod 4755 "$tree/bin/busybox"
extra=User=1000 try setuid sh -c "'cat /proc/self/uid_map; busybox id -u'" >/tmp/out
assert_lacks "$(head -n 1 /tmp/out)" 4294967295 "uid map of a set-user-ID program"

rm -rf "$tree" /srv/volume
