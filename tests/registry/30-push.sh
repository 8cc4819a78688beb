#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What is pushed, skopeo and podman pull; an image that was not changed has the same digest there.
. "$(dirname "$0")/lib.sh"

start_registry first 5000
start_registry second 5001 --tls --auth=token
push_image localhost:5000/own/nginx:1 nginx
push_image localhost:5000/own/busybox:1
empty_store
pull localhost:5000/own/nginx:1
pull localhost:5000/own/busybox:1

# --- to the same registry: nothing that is there is sent
forget_requests first
slipway push -q localhost:5000/own/nginx:1 docker://localhost:5000/copied/nginx:1 || fail "cannot push to the same registry"
assert_equal "$(image_digest localhost:5000/copied/nginx:1)" "$(image_digest localhost:5000/own/nginx:1)" "digest of what was pushed"

# --- to another one, with a token; layers are made anew, byte for byte or not
slipway push -q --creds=alice:secret localhost:5000/own/nginx:1 docker://second.test:5001/own/nginx:2 || fail "cannot push to another registry"
rm -rf /tmp/copied
skopeo_quiet copy --src-creds=alice:secret docker://second.test:5001/own/nginx:2 dir:/tmp/copied
podman_quiet() {
        podman --root /tmp/podman --runroot /run/podman-tests --storage-driver vfs --log-level error --events-backend none "$@" 2>/tmp/podman.log
}
podman_quiet pull -q --creds=alice:secret second.test:5001/own/nginx:2 >/tmp/id || fail "podman cannot pull what was pushed: $(cat /tmp/podman.log)"
assert_equal "$(cat /tmp/id)" "$(slipway inspect localhost:5000/own/nginx:1 | jq -r '.[0].id | ltrimstr("sha256:")')" "id of the image"

# --- and what comes back are the same layers
mkdir -p /tmp/original
skopeo_quiet copy --src-creds=alice:secret docker://second.test:5001/own/nginx:2 oci:/tmp/original/oci:2
slipway import -q oci:/tmp/original/oci:2 localhost/again
assert_equal "$(slipway inspect localhost/again | jq -c '[.[0].layers[].chain_id]')" \
        "$(slipway inspect localhost:5000/own/nginx:1 | jq -c '[.[0].layers[].chain_id]')" "layers of what was pushed and came back"

# --- with zstd
slipway push -q --compression=zstd localhost:5000/own/busybox:1 docker://localhost:5000/own/busybox:zstd || fail "cannot push with zstd"
assert_contains "$(skopeo --insecure-policy inspect --tls-verify=false --raw docker://localhost:5000/own/busybox:zstd)" "tar+zstd" "manifest of what was pushed with zstd"
podman_quiet pull -q --tls-verify=false localhost:5000/own/busybox:zstd >/dev/null || fail "podman cannot pull zstd: $(cat /tmp/podman.log)"

# --- who may not, cannot
! said=$(slipway push -q --creds=bob:hunter2 localhost:5000/own/busybox:1 docker://second.test:5001/team/busybox:1 2>&1) ||
        fail "bob can push where he may only read"
assert_contains "$said" "second.test:5001" "what is said to who may not"
assert_lacks "$said" hunter2 "what is said to who may not"

# --- to files
for destination in oci:/tmp/pushed.oci:1 oci-archive:/tmp/pushed.oci.tar:1 docker-archive:/tmp/pushed.docker.tar:localhost/own:1 dir:/tmp/pushed.dir; do
        slipway push -q localhost:5000/own/busybox:1 "$destination" || fail "cannot push to $destination"
        rm -rf /tmp/copied
        skopeo_quiet copy "$([[ $destination == docker* ]] && echo docker-archive:/tmp/pushed.docker.tar || echo "$destination")" dir:/tmp/copied
done
assert_clean_store
rm -rf /tmp/copied /tmp/podman /tmp/original /tmp/pushed*
