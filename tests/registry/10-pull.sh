#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images come from registries of each kind: by HTTPS, with a password, with a token. What is there is not fetched again.
. "$(dirname "$0")/lib.sh"

start_registry plain 5000
start_registry basic 5001 --tls --auth=basic
start_registry token 5002 --tls --auth=token
for registry in localhost:5000 basic.test:5001 token.test:5002; do
        for image in nginx python busybox; do
                push_image "$registry/own/$image:1" "$image"
        done
done
push_image token.test:5002/public/busybox:1
empty_store

# --- without credentials, on loopback without TLS
forget_requests plain
pull localhost:5000/own/nginx:1
assert_contains "$(slipway images)" localhost:5000/own/nginx "list of images"
assert_equal "$(slipway inspect localhost:5000/own/nginx:1 | jq -r '.[0].id')" \
        "$(skopeo --insecure-policy inspect --tls-verify=false --raw docker://localhost:5000/own/nginx:1 | jq -r .config.digest)" "id of the image"
assert_equal "$(requests plain | grep -c '/blobs/')" 4 "requests for a config and three layers"
assert_clean_store

# --- unchanged: one request, and the store's program is not started
forget_requests plain
before=$(journalctl --quiet --no-pager -u 'slipway-store@*' 2>/dev/null | wc -l)
pull localhost:5000/own/nginx:1
assert_equal "$(requests plain | wc -l)" 1 "requests for an image that is there: $(requests plain)"
assert_equal "$(journalctl --quiet --no-pager -u 'slipway-store@*' 2>/dev/null | wc -l)" "$before" "lines of the store in the journal"

# --- the same layers under another name are not asked for; neither is a base that another image has
forget_requests plain
push_image localhost:5000/other/name:2 nginx
forget_requests plain
pull localhost:5000/other/name:2
assert_lacks "$(requests plain)" "GET /v2/other/name/blobs/$(image_layers localhost:5000/own/nginx:1 | head -n 1)" "requests"
forget_requests plain
base=$(image_layers localhost:5000/own/nginx:1 | head -n 1)
pull localhost:5000/own/python:1
assert_lacks "$(requests plain)" "$base" "requests, when the base is there"

# --- policies: the registry has another image now
push_image localhost:5000/own/nginx:1 busybox
old=$(slipway inspect localhost:5000/own/nginx:1 | jq -r '.[0].id')
forget_requests plain
pull --policy=missing localhost:5000/own/nginx:1
pull --policy=never localhost:5000/own/nginx:1
assert_equal "$(requests plain)" "" "requests with --policy=missing and never"
pull_fails "never" --policy=never localhost:5000/own/absent:1
assert_equal "$(slipway inspect localhost:5000/own/nginx:1 | jq -r '.[0].id')" "$old" "id of the image"
pull --policy=newer localhost:5000/own/nginx:1
new=$(slipway inspect localhost:5000/own/nginx:1 | jq -r '.[0].id')
[ "$old" != "$new" ] || fail "the image has not changed"

# --- by digest, and by both
digest=$(image_digest localhost:5000/own/python:1)
pull "localhost:5000/own/python@$digest"
pull "localhost:5000/own/python:1@$digest"
forget_requests plain
pull "localhost:5000/own/python@$digest"
assert_equal "$(requests plain)" "" "requests for a digest that is there"

# --- what is said
said=$(slipway pull localhost:5000/own/busybox:1 2>/dev/null)
assert_contains "$said" "$(slipway inspect localhost:5000/own/busybox:1 | jq -r '.[0].id | ltrimstr("sha256:")' | cut -c 1-12)" "output"
slipway rmi localhost:5000/own/busybox:1 >/dev/null
slipway pull --json localhost:5000/own/busybox:1 >/tmp/json
jq -es 'length > 0' /tmp/json >/dev/null || fail "slipway pull --json prints no JSON: $(cat /tmp/json)"
assert_equal "$(slipway pull -q localhost:5000/own/busybox:1 2>&1 >/dev/null)" "" "what slipway pull -q says to standard error"

# --- with a password
pull_fails "log" basic.test:5001/own/busybox:1
pull_fails "does not accept" --creds=alice:wrong basic.test:5001/own/busybox:1
assert_no_image basic.test:5001/own/busybox:1
pull --creds=alice:secret basic.test:5001/own/busybox:1
skopeo login --authfile /tmp/auth.json -u bob -p hunter2 basic.test:5001 >/dev/null
pull --authfile=/tmp/auth.json basic.test:5001/own/nginx:1
mkdir -p /etc/containers
podman login --authfile /run/containers/0/auth.json -u alice -p secret basic.test:5001 >/dev/null 2>&1
pull basic.test:5001/own/python:1
rm -f /run/containers/0/auth.json

# --- with a token
pull token.test:5002/public/busybox:1
pull_fails "log" token.test:5002/own/busybox:1
pull_fails "does not accept the credentials" --creds=alice:wrong token.test:5002/own/busybox:1
pull_fails "own/busybox" --creds=bob:hunter2 token.test:5002/own/busybox:1
assert_no_image token.test:5002/own/busybox:1
pull --creds=alice:secret token.test:5002/own/busybox:1

# --- whose certificate nobody knows, and who speaks no TLS
rm -r /etc/containers/certs.d/basic.test:5001
pull_fails "certificate" --creds=alice:secret --policy=always basic.test:5001/own/busybox:1
mkdir -p /tmp/certs
cp $registry_base/ca/ca.pem /tmp/certs/ca.crt
pull --cert-dir=/tmp/certs --creds=alice:secret basic.test:5001/own/busybox:1
pull --tls-verify=false --creds=alice:secret basic.test:5001/own/busybox:1
pull_fails "TLS" plain.test:5000/own/busybox:1
assert_no_image plain.test:5000/own/busybox:1
pull --tls-verify=false plain.test:5000/own/busybox:1
assert_clean_store

# --- and it runs
for name in localhost:5000/own/python:1 token.test:5002/own/busybox:1; do
        launch pulled <<END
[Container]
Image=$name
Exec=sh -c "echo it runs; exec sleep 1000"
END
        assert_journal pulled "it runs"
        stop pulled
        rm /etc/slipway/pulled.container
done
