#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What goes wrong is said in its own words, and leaves no trace in the store.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000
start_gateway way 5001 5000
push_image localhost:5000/own/nginx:1 nginx
push_image localhost:5000/own/busybox:1
mapfile -t layers < <(image_layers localhost:5000/own/nginx:1)
largest=$(for layer in "${layers[@]}"; do echo "$(stat -c %s "$(blob_file upstream "$layer")") $layer"; done | sort -n | tail -n 1)
largest=${largest#* }
name=localhost:5001/own/nginx:1
pull localhost:5000/own/busybox:1 # makes the directories of the store
empty_store
kept=$(find $store -mindepth 1 | sort)

# refused WHAT TEXT REFERENCE: with these words, and no trace.
refused() {
        pull_fails "$2" "$3"
        assert_no_image "$3"
        assert_clean_store
        # Whole layers may wait in a draft for the next time; nothing else.
        assert_equal "$(find $store -mindepth 1 -not -path "$store/tmp/*" | sort)" "$kept" "what is in the store after $1"
}

# --- what is not there
refused "a tag that is not there" "there is no" localhost:5001/own/nginx:absent
assert_contains "$said" "own/nginx:absent" "what is said of a tag that is not there"
refused "a repository that is not there" "own/absent" localhost:5001/own/absent:1
refused "a registry that is not there" "cannot connect" localhost:5999/own/nginx:1
refused "a name that nobody knows" "its name is not known" nowhere.invalid/own/nginx:1
refused "a digest that is not there" "sha256:$(printf %064d 7)" "localhost:5001/own/nginx@sha256:$(printf %064d 7)"

# --- who may not
rules way <<<'[{"status": 403, "body": "{\"errors\": [{\"code\": \"DENIED\", \"message\": \"pay first\"}]}"}]'
refused "a refusal" "pay first" $name
rules way <<<'[{"status": 401}]'
refused "a challenge that is none" "localhost:5001" $name
rules way <<<'[{"status": 429, "headers": {"Retry-After": "600"}, "body": "{\"errors\": [{\"code\": \"TOOMANYREQUESTS\"}]}"}]'
refused "too many requests" "too many requests" $name

# --- a digest that is pinned, and another image
digest=$(image_digest localhost:5000/own/nginx:1)
other=$(skopeo --insecure-policy inspect --tls-verify=false --raw docker://localhost:5000/own/busybox:1)
rules way <<<"$(jq -n --arg body "$other" '[{path: "manifests", status: 200, body: $body, type: "application/vnd.oci.image.manifest.v1+json"}]')"
refused "another manifest than was pinned" "${digest#sha256:}" "localhost:5001/own/nginx@$digest"
assert_contains "$said" "something else" "what is said of another manifest"

# --- a layer that is another one, always
rules way <<<"[{\"path\": \"$largest\", \"flip\": 3000}]"
refused "a layer with a wrong byte" "${largest:0:19}" $name
assert_contains "$said" "something else" "what is said of a wrong layer"

# --- a connection that ends too early, always; the tries are told of
rules way <<<"[{\"path\": \"$largest\", \"cut\": 4000}]"
patience=200 refused "a stream that ends too early" "${largest:0:19}" $name

# --- and one that stands still, or gives a byte now and then: a shorter patience than in earnest
mkdir -p /run/systemd/system/slipway-fetch.service.d
printf '[Service]\nEnvironment=SLIPWAY_FETCH_STALL_SECONDS=2\n' >/run/systemd/system/slipway-fetch.service.d/tests.conf
systemctl daemon-reload
systemctl stop slipway-fetch.service
rules way <<<"[{\"path\": \"$largest\", \"stall\": 100000}]"
patience=200 refused "a stream that stands still" "too slow" $name
rules way <<<'[{"path": "manifests", "drip": 1}]'
patience=200 refused "an answer that comes drop by drop" "too slow" $name
rm -r /run/systemd/system/slipway-fetch.service.d
systemctl daemon-reload
systemctl stop slipway-fetch.service

# --- what is too much
rules way <<<"$(jq -n '[{path: "manifests", status: 200, body: ("{" + ("x" * 20000000)), type: "application/vnd.oci.image.manifest.v1+json"}]')"
refused "a manifest of 20 MB" "long" $name
rules way <<<'[{"path": "manifests", "status": 307, "headers": {"Location": "/v2/own/nginx/manifests/1?again"}}]'
refused "redirections without end" "led on" $name
rules way <<<"[{\"path\": \"manifests\", \"headers\": {\"X-Padding\": \"$(printf %080000d 0)\"}}]"
refused "headers without end" "headers" $name

# --- what makes no sense
rules way <<<'[{"path": "manifests", "status": 200, "body": "<html>", "type": "text/html"}]'
refused "a page in place of a manifest" "localhost:5001" $name
rules way <<<'[{"path": "manifests", "status": 200, "body": "{\"schemaVersion\": 2, \"layers\": 7}", "type": "application/vnd.oci.image.manifest.v1+json"}]'
refused "a manifest without sense" "cannot read the manifest" $name
rules way <<<'[{"path": "manifests", "status": 200, "body": "{\"schemaVersion\": 1, \"fsLayers\": []}", "type": "application/vnd.docker.distribution.manifest.v1+json"}]'
refused "a manifest of Docker 1.9" "schema 1" $name
# An index that is a manifest as well: which one counts depends on who reads it.
rules way <<<"$(jq -c '{path: "manifests", status: 200, body: (. + {manifests: []} | tojson), type: "application/vnd.oci.image.manifest.v1+json"} | [.]' <<<"$other")"
refused "a manifest that is an index, too" "cannot read the manifest" $name
rules way <<<"$(jq -c '{path: "manifests", status: 200, body: (.layers[0].digest = "sha256:../../../../etc/shadow" | tojson), type: "application/vnd.oci.image.manifest.v1+json"} | [.]' <<<"$other")"
refused "a digest that is a path" "cannot read the manifest" $name
rules way <<<'[{"path": "manifests", "status": 200, "body": "\u001b[2Jlook", "type": "application/vnd.oci.image.manifest.v1+json"}]'
refused "what would clear the screen" "localhost:5001" $name
assert_lacks "$said" $'\033' "what is said"

# --- an image for another machine
skopeo --insecure-policy inspect --tls-verify=false --raw docker://localhost:5000/own/nginx:1 >/tmp/manifest
jq -n --arg digest "$(sha256sum </tmp/manifest | cut -c 1-64)" --argjson size "$(stat -c %s /tmp/manifest)" '{schemaVersion: 2,
        mediaType: "application/vnd.oci.image.index.v1+json", manifests: [{mediaType: "application/vnd.oci.image.manifest.v1+json",
        digest: ("sha256:" + $digest), size: $size, platform: {os: "linux", architecture: "s390x"}}]}' >/tmp/index
put_manifest localhost:5000 own/nginx foreign application/vnd.oci.image.index.v1+json /tmp/index
rules way <<<'[]'
refused "an image for another machine" "s390x" localhost:5001/own/nginx:foreign

# And all of this has done no harm.
pull $name
assert_clean_store
