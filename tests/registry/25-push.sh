#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is pushed, others read; a registry is not sent what it has; what goes wrong is said, and leaves the name alone.
. "$(dirname "$0")/lib.sh"

start_registry plain 5000
start_registry closed 5001 --tls --auth=basic
start_registry second 5002 --tls --auth=token
start_gateway way 5003 5000
push_image localhost:5000/own/nginx:1 nginx
push_image localhost:5000/own/busybox:1
empty_store
pull localhost:5000/own/nginx:1
pull localhost:5000/own/busybox:1
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
podman_pulls() {
        podman --root=/tmp/podman --runroot=/run/podman --storage-driver=vfs --log-level=error --events-backend=none pull --quiet "$@" 2>/tmp/podman.log ||
                fail "podman cannot pull $*: $(cat /tmp/podman.log)"
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
assert_equal "sha256:$(podman_pulls --creds=alice:secret closed.test:5001/own/nginx:1)" "$id" "id for podman"

# --- with a token; what comes back are the same layers
push --creds=alice:secret localhost:5000/own/nginx:1 docker://second.test:5002/own/nginx:2
assert_equal "sha256:$(podman_pulls --creds=alice:secret second.test:5002/own/nginx:2)" "$id" "id for podman, with a token"
skopeo_quiet copy --src-creds=alice:secret docker://second.test:5002/own/nginx:2 oci:/tmp/again:2
slipway import -q oci:/tmp/again:2 localhost/again
assert_equal "$(slipway inspect localhost/again | jq -c '[.[0].layers[].chain_id]')" \
        "$(slipway inspect localhost:5000/own/nginx:1 | jq -c '[.[0].layers[].chain_id]')" "layers of what was pushed and came back"
slipway rmi localhost/again >/dev/null

# --- with zstd
push --compression=zstd localhost:5000/own/busybox:1 docker://localhost:5000/own/busybox:zstd
assert_contains "$(skopeo --insecure-policy inspect --tls-verify=false --raw docker://localhost:5000/own/busybox:zstd)" \
        "tar+zstd" "manifest of what was pushed with zstd"
podman_pulls --tls-verify=false localhost:5000/own/busybox:zstd >/dev/null

# --- what goes wrong
push_fails "closed.test:5001" --authfile=/dev/null localhost:5000/own/nginx:1 closed.test:5001/own/nginx:3
push_fails "second.test:5002" --creds=bob:hunter2 localhost:5000/own/busybox:1 second.test:5002/team/busybox:1
assert_lacks "$said" hunter2 "what is said to who may only read"
push_fails "cannot connect" localhost:5000/own/nginx:1 localhost:5998/own/nginx:1
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

# --- there is no room where it is to be written; what was there stays
mkdir -p /srv/small
mount -t tmpfs -o size=2m slipway-small /srv/small
trap 'status=$?; umount /srv/small; (exit $status); finish_registry' EXIT
echo before >/srv/small/saved.tar
push_fails "No space left on device" localhost:5000/own/nginx:1 oci:/srv/small/oci:1
! said=$(slipway save -o /srv/small/saved.tar localhost:5000/own/nginx:1 2>&1) || fail "an archive fits where there is no room"
assert_contains "$said" "No space left on device" "what is said when there is no room for an archive"
assert_equal "$(cat /srv/small/saved.tar)" before "the file that was there before"

# --- to files
for destination in oci:/tmp/pushed.oci:1 oci-archive:/tmp/pushed.oci.tar:1 docker-archive:/tmp/pushed.docker.tar:localhost/own:1 dir:/tmp/pushed.dir; do
        push localhost:5000/own/busybox:1 "$destination"
        rm -rf /tmp/copied
        skopeo_quiet copy "$([[ $destination == docker* ]] && echo docker-archive:/tmp/pushed.docker.tar || echo "$destination")" dir:/tmp/copied
done
assert_clean_store
rm -rf /tmp/copied /tmp/podman /tmp/again /tmp/pushed*
