#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is pushed, others read; a registry is not sent what it has; what goes wrong is said, and leaves the name alone. And
# what has been changed in the store is pulled again.
. "$(dirname "$0")/lib.sh"

start_registry plain 5000
start_registry closed 5001 --tls --auth=basic
start_gateway way 5003 5000
push_image localhost:5000/own/nginx:1 nginx
pull localhost:5000/own/nginx:1
id=$(slipway inspect localhost:5000/own/nginx:1 | jq -r '.[0].id')

push() {
        said=$(slipway push "$@" 2>&1) || fail "slipway push $* fails: $said"
}
push_fails() {
        local text=$1
        shift
        ! said=$(timeout 60 slipway push "$@" 2>&1) || fail "slipway push $* succeeds, and should not: $said"
        assert_contains "$said" "$text" "what slipway push $* says"
        assert_equal "$(find $store/tmp -mindepth 1)" "" "what is left in the store"
}
# The image at a registry has the same config, for skopeo.
assert_there() {
        assert_equal "sha256:$(skopeo --insecure-policy inspect --tls-verify=false --creds=alice:secret --config --raw "docker://$1" | sha256sum | cut -d' ' -f1)" \
                "$id" "id of what skopeo reads of $1"
}

# --- the registry has all of it: nothing is sent, and its digest stays
forget_requests plain
push localhost:5000/own/nginx:1 localhost:5000/own/nginx:2
assert_lacks "$said" "sent" "what is said of a push of what is there"
assert_lacks "$(requests plain)" "PUT /v2/own/nginx/blobs" "requests"
assert_equal "$(image_digest localhost:5000/own/nginx:2)" "$(image_digest localhost:5000/own/nginx:1)" "digest"

# --- it takes the layers from its other repository
push localhost:5000/own/nginx:1 localhost:5000/other/nginx:1
assert_lacks "$said" "sent" "what is said of layers that are elsewhere"
assert_there localhost:5000/other/nginx:1

# --- another registry, with credentials; the second time nothing is compressed
printf '%s' "$(jq -n --arg auth "$(printf alice:secret | base64)" '{auths: {"closed.test:5001": {auth: $auth}}}')" >/tmp/auth.json
push --authfile=/tmp/auth.json --digestfile=/tmp/digest localhost:5000/own/nginx:1 closed.test:5001/own/nginx:1
assert_contains "$said" "sent" "what is said of a push"
assert_equal "$(cat /tmp/digest)" "$(image_digest closed.test:5001/own/nginx:1)" "digest in the file"
assert_there closed.test:5001/own/nginx:1
push --authfile=/tmp/auth.json localhost:5000/own/nginx:1 closed.test:5001/own/nginx:1
assert_lacks "$said" "sent" "what is said of the second push"
push --compression=zstd --authfile=/tmp/auth.json localhost:5000/own/nginx:1 closed.test:5001/own/zstd:1
assert_there closed.test:5001/own/zstd:1
skopeo_quiet copy --src-creds=alice:secret docker://closed.test:5001/own/nginx:1 dir:/tmp/copied
if command -v podman >/dev/null; then
        podman --storage-driver=vfs --root=/tmp/podman pull --quiet --creds=alice:secret closed.test:5001/own/nginx:1 >/tmp/podman.id ||
                fail "podman does not pull it"
        assert_equal "sha256:$(cat /tmp/podman.id)" "$id" "id for podman"
fi

# --- what goes wrong
push_fails "closed.test:5001" --authfile=/dev/null localhost:5000/own/nginx:1 closed.test:5001/own/nginx:3
push_fails "cannot connect" localhost:5000/own/nginx:1 localhost:5999/own/nginx:1
before=$(image_digest localhost:5000/own/nginx:1)
rules way <<<'[{"method": "POST", "status": 403, "body": "{\"errors\": [{\"code\": \"DENIED\", \"message\": \"pay first\"}]}"}]'
push_fails "pay first" localhost:5000/own/nginx:1 localhost:5003/denied/nginx:1
rules way <<<'[{"method": "PUT", "status": 413, "body": "{\"errors\": [{\"code\": \"SIZE_INVALID\", \"message\": \"too large\"}]}"}]'
push_fails "too large" localhost:5000/own/nginx:1 localhost:5003/large/nginx:1
rules way <<<'[{"method": "HEAD", "status": 401}]'
push_fails "localhost:5003" localhost:5000/own/nginx:1 localhost:5003/who/nginx:1
rules way <<<'[]'
assert_equal "$(image_digest localhost:5000/own/nginx:1)" "$before" "digest after failures"
push_fails "sha256:" localhost:5000/own/nginx:1 "localhost:5000/own/nginx@sha256:$(printf %064d 7)"

# --- a file is changed: found, named, pulled again
file=$(find $store/layers/*/fs/etc -name passwd -type f | head -n 1)
sed -i '1s/root/toor/' "$file"
! found=$(slipway fsck 2>&1) || fail "fsck has not found that a file was changed"
assert_contains "$found" "etc/passwd has been changed" "findings"
assert_contains "$found" "localhost:5000/own/nginx:1" "findings"
found=$(slipway fsck --repair 2>&1) || [ $? = 1 ] || fail "it is not repaired: $found"
assert_clean_store
assert_equal "$(slipway inspect localhost:5000/own/nginx:1 | jq -r '.[0].id')" "$id" "id after the repair"
assert_lacks "$(slipway images)" "@sha256" "images after the repair"
