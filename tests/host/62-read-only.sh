#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A root that cannot be written, but for its temporary places; tmpfs with a size.
. "$(dirname "$0")/lib.sh"

launch fixed <<'END'
[Container]
Image=localhost/busybox
ReadOnly=yes
Tmpfs=/scratch:size=1m,mode=700
Exec=sleep 1000
END
! inside fixed touch /etc/no 2>/dev/null || fail "the root can be written"
inside fixed touch /tmp/yes /run/yes /dev/shm/yes /scratch/yes
assert_equal "$(inside fixed stat -c %a /scratch)" 700 "mode of the tmpfs"
! inside fixed dd if=/dev/zero of=/scratch/big bs=1M count=2 2>/dev/null || fail "the tmpfs takes more than its size"

# What is written to a root that can be written is gone with the container, and not in the image.
launch loose <<'END'
[Container]
Image=localhost/busybox
StopSignal=KILL
Exec=sleep 1000
END
inside loose touch /etc/yes
systemctl restart loose
! inside loose test -e /etc/yes || fail "the container's writing has outlived it"
