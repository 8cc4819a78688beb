#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Mirrors are asked first. Whatever is wrong with them, the registry itself has the image.
. "$(dirname "$0")/lib.sh"

start_registry primary 5000 --tls
start_registry copy 5002
start_gateway mirror 5003 5002
push_image primary.test:5000/own/nginx:1 nginx
push_image localhost:5002/mirrored/own/nginx:1 nginx
mapfile -t layers < <(image_layers primary.test:5000/own/nginx:1)
mkdir -p /etc/containers/registries.conf.d
cat >/etc/containers/registries.conf.d/50-tests.conf <<'END'
[[registry]]
prefix = "primary.test:5000"
location = "primary.test:5000"

[[registry.mirror]]
location = "localhost:5003/mirrored"
insecure = true
END
trap 'rm -f /etc/containers/registries.conf.d/50-tests.conf; finish_registry' EXIT
name=primary.test:5000/own/nginx:1

# try WHAT: pulls anew, whatever the mirror does.
try() {
        empty_store
        forget_requests primary
        : >$registry_base/mirror/requests
        pull "$name"
        assert_clean_store
        assert_equal "$(slipway inspect "$name" | jq -r '.[0].id')" "$id" "id of the image, with $1"
}
id=$(skopeo --insecure-policy inspect --raw docker://$name | jq -r .config.digest)

try "a mirror that is well"
assert_equal "$(requests primary)" "" "requests to the registry while its mirror is well"
[ "$(asked mirror blobs)" -ge 4 ] || fail "the mirror is not asked"

rules mirror <<<'[{"status": 404, "body": "{\"errors\": [{\"code\": \"MANIFEST_UNKNOWN\"}]}"}]'
try "a mirror that has not got it"
assert_contains "$(requests primary)" "GET /v2/own/nginx/manifests/1 200" "requests to the registry"

rules mirror <<<'[{"status": 500}]'
try "a mirror that is broken"

rules mirror <<<'[{"path": "blobs", "status": 404}]'
try "a mirror without blobs"

rules mirror <<<'[{"path": "blobs", "flip": 50}]'
try "a mirror with wrong bytes"
assert_contains "$(requests primary)" "${layers[0]}" "requests to the registry"

rules mirror <<<'[{"path": "blobs", "cut": 1000}]'
try "a mirror that hangs up"

rules mirror <<<'[{"path": "manifests", "status": 200, "body": "{}", "type": "application/vnd.oci.image.manifest.v1+json"}]'
empty_store
slipway pull "$name" >/tmp/said 2>&1 || true
assert_clean_store

rules mirror <<<'[{"status": 200, "body": "<html>log in to the hotel network</html>", "type": "text/html"}]'
try "a mirror behind a portal"

systemctl kill --signal=KILL mirror
wait_until 5 "the mirror is gone" sh -c '! systemctl --quiet is-active mirror'
try "a mirror that is down"

# Nobody has it: what each of them said is told.
systemctl kill --signal=KILL primary
wait_until 5 "the registry is gone" sh -c '! systemctl --quiet is-active primary'
empty_store
patience=120 pull_fails "primary.test:5000" "$name"
assert_contains "$said" "localhost:5003" "what is said when nobody has it"
assert_no_image "$name"
assert_clean_store
