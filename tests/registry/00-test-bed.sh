#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the other scenarios stand on: registries of each kind serve other people's tools, and refuse who may not; the
# gateway does what its rules say, and counts.
. "$(dirname "$0")/lib.sh"

start_registry plain 5000
start_registry closed 5001 --tls --auth=basic
start_registry tokens-wanted 5002 --tls --auth=token
start_gateway detour 5003 5000
start_gateway safe 5004 5001 --tls

copy() {
        skopeo_quiet copy "${@:2}" "docker://$1" dir:/tmp/copied
}

push_image localhost:5000/tools/busybox:1
copy localhost:5000/tools/busybox:1 --src-tls-verify=false
assert_contains "$(requests plain)" "GET /v2/tools/busybox/manifests/1 200" "requests"

for registry in closed:5001 tokens-wanted:5002; do
        name=${registry/:/.test:}
        push_image "$name/team/busybox:1"
        push_image "$name/public/busybox:1"
        push_image "$name/own/busybox:1"
        copy "$name/own/busybox:1" --src-creds=alice:secret
        copy "$name/team/busybox:1" --src-creds=bob:hunter2
        ! copy "$name/own/busybox:1" --src-creds=alice:wrong >/dev/null || fail "$name takes a wrong password"
        ! copy "$name/own/busybox:1" >/dev/null || fail "$name takes no password"
done
copy tokens-wanted.test:5002/public/busybox:1
! copy tokens-wanted.test:5002/own/busybox:1 --src-creds=bob:hunter2 >/dev/null || fail "bob reads what is not for him"
assert_contains "$(cat $registry_base/tokens/log)" '"scopes": ["repository:own/busybox:pull"]' "requests for tokens"
copy safe.test:5004/own/busybox:1 --src-creds=alice:secret

# --- the gateway
digest=$(image_layers localhost:5000/tools/busybox:1)
blob=http://localhost:5003/v2/tools/busybox/blobs/$digest
size=$(stat -c %s "$(blob_file plain "$digest")")
get() {
        curl --silent --output /tmp/blob "$@" "$blob" || true
        stat -c %s /tmp/blob
}
assert_equal "$(get)" "$size" "size of a blob"
assert_equal "$(sha256sum </tmp/blob)" "${digest#sha256:}  -" "digest of a blob"
assert_equal "$(get --range 1000-)" $((size - 1000)) "size of a range"
assert_equal "$(sent detour "$digest")" $((size + size - 1000)) "bytes sent"
rules detour <<<'[{"path": "blobs", "cut": 5000, "times": 1}, {"path": "blobs", "flip": 100, "times": 1}]'
assert_equal "$(get)" 5000 "size of a blob that is cut off"
assert_equal "$(get)" "$size" "size of a blob with an error"
! sha256sum /tmp/blob | grep -q "${digest#sha256:}" || fail "the byte is not changed"
rules detour <<<'[{"path": "blobs", "status": 503, "headers": {"Retry-After": "1"}, "skip": 1}]'
assert_equal "$(get)" "$size" "size of a blob"
assert_contains "$(curl --silent --dump-header - "$blob")" "503" "answer"

rules detour <<<'[]'
flip_blob plain "$digest"
assert_equal "$(get)" "$size" "size of a blob with an error in the registry"
! sha256sum /tmp/blob | grep -q "${digest#sha256:}" || fail "the blob is not changed"
remove_blob plain "$digest"
assert_contains "$(curl --silent "$blob")" BLOB_UNKNOWN "answer for a blob that is gone"
