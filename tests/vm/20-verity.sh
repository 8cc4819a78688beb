#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# With Verity=yes each block of the image is verified when it is read: a byte that has flipped on the disk is an error of
# reading, and is not executed. The device is gone with the last container, however that ended.
. "$(dirname "$0")/lib.sh"

store=/var/lib/slipway
id=$(basename "$(readlink "$store/names/localhost%2Fbusybox:latest")")
made=$store/verity/$id
devices() {
        dmsetup ls 2>/dev/null | grep -c '^slipway-' || true
}
no_device() {
        [ "$(devices)" = 0 ]
}
verified() {
        manifest "$1.container" <<END
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
${3-}

[Slipway]
Verity=$2
END
        reload
}

verified web yes
start web
assert_equal "$(devices)" 1 "number of devices"
assert_contains "$(dmsetup table)" verity "table of devices"
root_hash=$(jq -r .root_hash "$made/verity.json")
[[ $root_hash =~ ^[0-9a-f]{64}$ ]] || fail "the root hash is '$root_hash'"
assert_equal "$(/usr/libexec/slipway/slipway-verity --check "sha256:$id")" "$root_hash" "root hash by --check"

# All is as in the layers: files, owners, modes, links, times. And the container can write.
layer=$store/layers/$(tail -n 1 "$store/images/$id/layers")/fs
for file in bin/busybox etc/passwd; do
        [ -e "$layer/$file" ] || continue
        assert_equal "$(inside web stat -c '%u:%g %a %Y %s' "/$file")" "$(stat -c '%u:%g %a %Y %s' "$layer/$file")" "/$file"
done
assert_equal "$(inside web sha256sum /bin/busybox | cut -d ' ' -f 1)" "$(sha256sum <"$layer/bin/busybox" | cut -d ' ' -f 1)" "/bin/busybox"
inside web sh -c 'echo written >/etc/written && mkdir /new && rm /bin/wget' || fail "the container cannot write"

# A second container has the same device; the root hash may be wanted.
verified other "$root_hash" UserNS=host
start other
assert_equal "$(devices)" 1 "number of devices for two containers"
stop web
assert_equal "$(devices)" 1 "number of devices for one container"
kill -9 "$(show other MainPID)"
wait_state other failed
wait_until 10 "the device is gone" no_device
systemctl reset-failed other

verified strict "$(printf %064d 1)"
start_fails strict
assert_status strict "root hash"
assert_equal "$(devices)" 0 "number of devices after that"

# The same image gives the same bytes.
first=$(sha256sum <"$made/image.erofs")
rm -rf "$made"
start web
assert_equal "$(sha256sum <"$made/image.erofs")" "$first" "digest of what was made again"
assert_equal "$(jq -r .root_hash "$made/verity.json")" "$root_hash" "root hash of what was made again"
stop web
wait_until 10 "the device is gone" no_device

# A byte flips: in the program that is executed.
flip() {
        local byte
        byte=$(dd if="$made/image.erofs" bs=1 skip="$1" count=1 status=none | od -An -tu1)
        printf "\\$(printf %03o $((byte ^ 1)))" | dd of="$made/image.erofs" bs=1 seek="$1" conv=notrunc status=none
        sync
        echo 3 >/proc/sys/vm/drop_caches
}
# Its first block; nothing is executed without that.
offset=$(LC_ALL=C grep -abo $'\x7fELF' "$made/image.erofs" | awk -F : '$1 % 4096 == 0 { print $1 + 20; exit }')
flip $offset
start_fails web
assert_contains "$(systemctl status --no-pager --lines=0 web || true)" "Input/output error" "status of web"
assert_contains "$(journalctl --quiet --dmesg --output=cat --since="@$started")" "corrupted" "the kernel's log"
! /usr/libexec/slipway/slipway-verity --check "sha256:$id" 2>/run/said || fail "--check does not see it"
assert_contains "$(cat /run/said)" "not those" "what --check says"
said=$(slipway fsck --deep) && fail "fsck does not see it"
assert_contains "$said" "is not what was made of the image" "what fsck says"
wait_until 10 "the device is gone" no_device
systemctl reset-failed web
flip $offset
start web
stop web

# And in what the file system itself needs.
wait_until 10 "the device is gone" no_device
flip 1100
start_fails web
assert_status web "is not what it was made of"
flip 1100

# Without its tools nothing is made, and nothing is started.
rm -rf "$made"
mv /usr/bin/mkfs.erofs /usr/bin/mkfs.erofs.away
start_fails web
mv /usr/bin/mkfs.erofs.away /usr/bin/mkfs.erofs
assert_status web "install the package erofs-utils"
[ ! -e "$made" ] || fail "something was made without mkfs.erofs"
start web
stop web

# It goes with the image.
slipway df | grep -q '^verified *1 ' || fail "slipway df does not count it"
slipway import --quiet oci:/srv/images/oci:scratch localhost/gone >/dev/null
sed -i 's,localhost/busybox,localhost/gone,; s/^Exec=.*/Exec=sleep 1000/' /etc/slipway/web.container
reload
start web
stop web
gone=$store/verity/$(basename "$(readlink "$store/names/localhost%2Fgone:latest")")
[ -d "$gone" ] || fail "nothing was made of the other image"
slipway rmi localhost/gone localhost/scratch >/dev/null
[ ! -e "$gone" ] || fail "what was made of an image is still there when that is gone"
said=$(slipway fsck) || fail "$said"
