#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A file of a layer is not what it was any more: slipway fsck finds it, says whose it is, and pulls the layer again.
. "$(dirname "$0")/lib.sh"

start_registry plain 5000
push_image localhost:5000/own/nginx:1 nginx
empty_store
pull localhost:5000/own/nginx:1
id=$(slipway inspect localhost:5000/own/nginx:1 | jq -r '.[0].id')

file=$(find $store/layers/*/fs/etc -name passwd -type f | head -n 1)
before=$(sha256sum "$file")
sed -i '1s/root/toor/' "$file"
! found=$(slipway fsck 2>&1) || fail "fsck has not found that a file was changed"
assert_contains "$found" "etc/passwd has been changed" "findings"
assert_contains "$found" "localhost:5000/own/nginx:1" "findings"

# --- the registry cannot be reached: nothing gets worse
systemctl stop plain
! found=$(slipway fsck --repair 2>&1) || fail "it is said to be repaired, without a registry"
assert_contains "$found" "localhost:5000" "what is said of a repair without a registry"
assert_equal "$(slipway inspect localhost:5000/own/nginx:1 | jq -r '.[0].id')" "$id" "id after the repair that failed"

start_registry plain 5000

# --- slipway-store dies in the midst of it
if [ -x /srv/faulty/image/pull/slipway-store ]; then
        dropin=/run/systemd/system/slipway-store@.service.d
        mkdir -p $dropin
        for choice in 'import:place the layers=kill' 'aside:have exchanged a layer=kill'; do
                printf '[Service]\nExecStart=\nExecStart=/srv/store\nEnvironment="SLIPWAY_FAULT_POINT=%s"\n' "$choice" >$dropin/tests.conf
                install -m 755 /srv/faulty/image/pull/slipway-store /srv/store
                systemctl daemon-reload
                ! found=$(slipway fsck --repair 2>&1) || fail "it is said to be repaired, though slipway-store died at $choice"
                assert_contains "$found" "slipway-store" "what is said when slipway-store dies at $choice"
                assert_equal "$(slipway inspect localhost:5000/own/nginx:1 | jq -r '.[0].id')" "$id" "id after $choice"
        done
        rm -r $dropin
        systemctl daemon-reload
        assert_equal "$(sha256sum "$file")" "$before" "the file after the exchange"
        sed -i '1s/root/toor/' "$file"
fi

found=$(slipway fsck --repair 2>&1) || [ $? = 1 ] || fail "it is not repaired: $found"
assert_clean_store
assert_equal "$(sha256sum "$file")" "$before" "the file after the repair"
assert_equal "$(slipway inspect localhost:5000/own/nginx:1 | jq -r '.[0].id')" "$id" "id after the repair"
assert_lacks "$(slipway images)" "@sha256" "images after the repair"
