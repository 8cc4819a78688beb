#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images come in from each kind of transport, and are listed; layers are shared.
. "$(dirname "$0")/lib.sh"

for image in debian nginx nginx-unprivileged postgresql python scratch musl; do
        slipway import "oci:/srv/images/oci:$image" "localhost/$image"
done
slipway import oci-archive:/srv/images/busybox.oci.tar localhost/busybox
slipway import docker-archive:/srv/images/redis.docker.tar localhost/redis

listed=$(slipway images)
for image in debian nginx nginx-unprivileged redis postgresql python busybox scratch musl; do
        assert_contains "$listed" "localhost/$image:latest" "list of images"
done

# Debian is the base of most images, and is there once.
base=$(slipway inspect localhost/debian | jq -r '.[0].layers[0].chain_id')
for image in nginx redis postgresql python; do
        assert_equal "$(slipway inspect "localhost/$image" | jq -r '.[0].layers[0].chain_id')" "$base" "base layer of $image"
done
assert_equal "$(find /var/lib/slipway/layers -maxdepth 1 -name "${base#sha256:}" | wc -l)" 1 "copies of the base layer"

# The same image once more is no more data.
before=$(find /var/lib/slipway/layers -mindepth 1 -maxdepth 1 | wc -l)
slipway import oci:/srv/images/oci:busybox localhost/again
assert_equal "$(find /var/lib/slipway/layers -mindepth 1 -maxdepth 1 | wc -l)" "$before" "number of layers"
slipway rmi localhost/again
assert_lacks "$(slipway images)" localhost/again "list of images"
