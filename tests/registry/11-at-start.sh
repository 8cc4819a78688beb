#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A manifest whose image is missing has it pulled when it is started, for as long as it takes.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000 --tls --auth=basic
start_gateway way 5001 5000 --tls
push_image upstream.test:5000/own/python:1 python
push_image upstream.test:5000/own/busybox:1
empty_store
mkdir -p /run/containers/0
skopeo login --authfile /etc/containers/auth.json -u alice -p secret way.test:5001 >/dev/null
export REGISTRY_AUTH_FILE=
mkdir -p /root/.docker && cp /etc/containers/auth.json /root/.docker/config.json && cp /etc/containers/auth.json /run/containers/0/auth.json

# --- in less time than a start may take: 8 s for the layers, 3 s to start
size=$(image_layers upstream.test:5000/own/python:1 | while read -r layer; do stat -c %s "$(blob_file upstream "$layer")"; done | sort -n | tail -n 1)
rules way <<<"[{\"path\": \"blobs\", \"rate\": $((size / 8))}]"
manifest pulled.container <<END
[Unit]
StartLimitIntervalSec=0
[Container]
Image=way.test:5001/own/python:1
Exec=python3 -c "import time; print('it runs', flush=True); time.sleep(1000)"
[Service]
TimeoutStartSec=3
END
reload
systemctl start --no-block pulled
wait_until 15 "the status says that it is being pulled" sh -c 'systemctl show -P StatusText pulled | grep -qi "pull\|fetch\|%\|MiB"'
units+=(pulled.service)
wait_until 60 "pulled is active" is_state pulled active
assert_journal pulled "it runs"
assert_clean_store
stop pulled

# --- what is there is not asked for
rm $registry_base/way/requests
start pulled
[ ! -s $registry_base/way/requests ] || fail "the registry is asked for what is there: $(cat $registry_base/way/requests)"
stop pulled

# --- two at once want the same
rules way <<<"[{\"path\": \"blobs\", \"rate\": $((size / 3))}]"
stop pulled
slipway rmi way.test:5001/own/python:1 >/dev/null
empty_store
: >$registry_base/way/requests
sed 's/it runs/second/' /etc/slipway/pulled.container | manifest second.container
reload
systemctl start pulled second || fail "two starts at once fail"
assert_active pulled
assert_active second
layer=$(image_layers upstream.test:5000/own/python:1 | head -n 1)
assert_equal "$(sent way "$layer")" "$(stat -c %s "$(blob_file upstream "$layer")")" "bytes of the base sent for two starts"
stop pulled
stop second

# --- what is not to be had stops the start, and the status says why
manifest absent.container <<'END'
[Container]
Image=way.test:5001/own/absent:1
END
manifest never.container <<'END'
[Container]
Image=way.test:5001/own/busybox:1
Pull=never
END
reload
start_fails absent
assert_status absent "way.test:5001/own/absent:1"
start_fails never
assert_status never "way.test:5001/own/busybox:1"
assert_no_image way.test:5001/own/absent:1
assert_clean_store
