#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Verity=yes fails closed: where the kernel has no device-mapper, the container does not start, and says why. What was made
# of the image is there nevertheless, and is compared without it.
. "$(dirname "$0")/lib.sh"

id=$(basename "$(readlink "/var/lib/slipway/names/localhost%2Fbusybox:latest")")
trap 'status=$?; rm -rf /var/lib/slipway/verity; (exit $status); finish' EXIT
manifest web.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL

[Slipway]
Verity=yes
END
reload
[ ! -e /sys/class/misc/device-mapper ] || skip "this kernel has device-mapper: the virtual machine has the rest"
start_fails web
assert_status web "this kernel has no device-mapper"
check=$(/usr/libexec/slipway/slipway-verity --check "sha256:$id") || fail "what was made does not have its root hash"
assert_equal "$check" "$(jq -r .root_hash "/var/lib/slipway/verity/$id/verity.json")" "root hash"

# A byte flips.
printf X | dd of="/var/lib/slipway/verity/$id/image.erofs" bs=1 seek=5000 conv=notrunc status=none
! /usr/libexec/slipway/slipway-verity --check "sha256:$id" 2>/run/said || fail "--check does not see a byte that has flipped"
assert_contains "$(cat /run/said)" "not those" "what --check says"
status=0
said=$(slipway fsck --deep) || status=$?
assert_equal "$status" 4 "exit status of slipway fsck --deep"
assert_contains "$said" "is not what was made of the image" "what slipway fsck --deep says"
slipway fsck --deep --repair >/dev/null || [ $? = 1 ] || fail "fsck does not repair it"
[ ! -e "/var/lib/slipway/verity/$id" ] || fail "what is damaged is still there"
start_fails web
/usr/libexec/slipway/slipway-verity --check "sha256:$id" >/dev/null || fail "it was not made anew"
skip "device-mapper is missing: only that it fails closed was tried"
