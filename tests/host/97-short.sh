#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Something runs out, or is not there: room, files, processes, memory, descriptors, user namespaces, a program. The status
# of the unit says what, without opening a log; nothing is left; and all is well again as soon as the cause is gone.
. "$(dirname "$0")/lib.sh"

# web LINES…: a container with further lines in its manifest
web() {
        manifest web.container <<END
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL

[Unit]
StartLimitIntervalSec=0

[Service]
TimeoutStartSec=5
$(printf '%s\n' "$@")
END
        reload
}
nothing_left() {
        local said
        said=$(find /var/lib/slipway/containers/web /run/slipway/containers/web /run/slipway/containers/.web.new 2>/dev/null) || true
        assert_equal "$said" "" "what is left after: $1"
        said=$(slipway fsck --quick) || fail "after $1: $said"
        assert_equal "$said" "" "what fsck says after: $1"
}
# fails WHAT TEXT…
fails() {
        local what=$1 text
        shift
        start_fails web
        for text; do
                assert_contains "$(systemctl status --no-pager --lines=0 web)" "$text" "status of web without enough $what"
        done
        assert_contains "$(show web StatusText)" " " "status text of web without enough $what"
        nothing_left "$what"
}
works() {
        start web
        assert_active web
        stop web
        nothing_left "$1"
}

find /var/lib/slipway/userns -type l -delete 2>/dev/null || true
web
works "all is well"

# --- the disk ------------------------------------------------------------------------------------------------------------

store=/var/lib/slipway
small() {
        mount -t tmpfs -o "mode=700,$1" slipway-small $store
        slipway import oci:/srv/images/oci:busybox localhost/busybox >/dev/null
}
away() {
        ! findmnt --noheadings "$store" | grep -q slipway-small || umount -l "$store"
}
trap 'status=$?; set +e; away; rm -f /run/fill; mount -o remount,size=500M /run; (exit $status); finish' EXIT
trap 'away; exit 143' TERM

small size=24m
dd if=/dev/zero of=$store/fill bs=4k status=none 2>/dev/null || true
fails "room on the disk" "No space left on device" "the file system of $store is full"
said=$(slipway import oci:/srv/images/oci:scratch localhost/new 2>&1) && fail "there is room for an image"
assert_contains "$said" "there is no room left"
# A full disk can be tidied up.
slipway import oci:/srv/images/oci:scratch localhost/new 2>/dev/null && fail "there is room for an image"
said=$(slipway fsck --deep) || fail "an import without room breaks something: $said"
rm $store/fill
works "there is room again"
dd if=/dev/zero of=$store/fill bs=4k status=none 2>/dev/null || true
slipway rmi localhost/busybox >/dev/null || fail "nothing can be removed from a full disk"
umount $store

# It becomes full while the container runs: that is the app's business, and its end is in order.
small size=24m
start web
dd if=/dev/zero of=$store/fill bs=4k status=none 2>/dev/null || true
stop web
nothing_left "a disk that was full at the end"
umount $store

small size=24m,nr_inodes=500
for i in $(seq 600); do
        touch "$store/fill-$i" 2>/dev/null || break
done
fails "inodes" "no more files fit on the file system of $store"
rm $store/fill-*
works "there are inodes again"

mount -o remount,ro $store
fails "rights on the disk" "Read-only file system" "$store is mounted read-only"
slipway images >/dev/null || fail "images cannot be listed on a read-only disk"
slipway rmi localhost/busybox 2>/dev/null && fail "an image is removed from a read-only disk"
mount -o remount,rw $store
works "the disk can be written to again"
umount $store

# /run is systemd's as well: only just full, and only for a moment.
used=$(df --output=used /run | tail -n 1)
mount -o remount,size=$((used + 64))k /run
dd if=/dev/zero of=/run/fill bs=4k status=none 2>/dev/null || true
fails_in_run=no
systemctl start web 2>/dev/null || fails_in_run=yes
status=$(systemctl status --no-pager --lines=0 web || true)
rm /run/fill
mount -o remount,size=500M /run
[ $fails_in_run = yes ] || fail "a container starts without room in /run"
assert_contains "$status" "No space left on device" "status without room in /run"
nothing_left "a full /run"
works "there is room in /run again"

# A read-only /etc is none of ours.
mount --bind /etc /etc
mount -o remount,ro,bind /etc
works "a read-only /etc"
umount /etc

# --- limits of the unit ------------------------------------------------------------------------------------------------------

if has_controller pids; then
        for n in 1 2 3 4; do
                web "TasksMax=$n"
                fails "processes, $n that is" "TasksMax= of the unit or of a slice"
        done
        web TasksMax=20
        works "there may be enough processes"

        web
        systemctl set-property --runtime slipway.slice TasksMax=2
        fails "processes in the slice" "TasksMax= of the unit or of a slice"
        systemctl set-property --runtime slipway.slice TasksMax=
        works "the slice may have enough processes again"
fi

if has_controller memory; then
        for n in 1M 1500K; do
                web "MemoryMax=$n" MemorySwapMax=0
                # Whom it hits is the kernel's choice: it may be the app, when that has just begun.
                systemctl start web 2>/dev/null || true
                wait_state web failed
                assert_status web "out of memory: the kernel has killed"
                nothing_left "memory, $n that is"
        done
        web MemoryMax=16M
        works "there may be enough memory"
fi

for n in 5 8 12 16 20 30; do
        web "LimitNOFILE=$n"
        fails "descriptors, $n that is" "LimitNOFILE= of the unit is too low"
done

# --- what is not there --------------------------------------------------------------------------------------------------------------

web
mv /usr/bin/systemd-nspawn /usr/bin/systemd-nspawn.away
fails "programs" "there is no /usr/bin/systemd-nspawn; it is in the package systemd-container"
mv /usr/bin/systemd-nspawn.away /usr/bin/systemd-nspawn
works "systemd-nspawn is there again"

mv /usr/libexec/slipway/root/slipway-init /usr/libexec/slipway/away
start_fails web
nothing_left "a start without slipway-init"
mv /usr/libexec/slipway/away /usr/libexec/slipway/root/slipway-init
works "slipway-init is there again"

# The limit of user namespaces is that of the whole machine, so here it is only pretended.
if [ -x /srv/faulty/nspawn-glue/slipway-nspawn ]; then
        mount --bind /srv/faulty/nspawn-glue/slipway-nspawn /usr/libexec/slipway/slipway-nspawn
        mkdir -p /run/slipway/fault-points
        echo 'userns:make=error:ENOSPC' >/run/slipway/fault-points/web
        fails "user namespaces" "see /proc/sys/user/max_user_namespaces" "UserNS=host does without"
        rm -r /run/slipway/fault-points
        umount /usr/libexec/slipway/slipway-nspawn
        works "there are user namespaces again"
fi
