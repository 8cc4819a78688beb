#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Images that skopeo, umoci, buildah and Docker have made come from a registry or their files, and run.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000
push_image localhost:5000/base:1
empty_store

# runs NAME: as an image that says what it is made by.
runs() {
        launch made <<END
[Container]
Image=$1
Exec=sh -c "cat /made-by; exec sleep 1000"
END
        assert_journal made "made by $2"
        stop made
        slipway rmi "$1" >/dev/null
        rm /etc/slipway/made.container
        assert_clean_store
}

# --- umoci: its own layer on top of another image
umoci_image() {
        rm -rf /tmp/umoci /tmp/bundle
        skopeo_quiet copy --src-tls-verify=false docker://localhost:5000/base:1 oci:/tmp/umoci:made
        umoci unpack --image /tmp/umoci:made /tmp/bundle >/dev/null 2>&1
        echo "made by umoci" >/tmp/bundle/rootfs/made-by
        umoci repack --image /tmp/umoci:made /tmp/bundle >/dev/null 2>&1
        umoci config --image /tmp/umoci:made --config.label tests=yes
        skopeo_quiet copy --dest-tls-verify=false oci:/tmp/umoci:made docker://localhost:5000/umoci:1
}
umoci_image
pull localhost:5000/umoci:1
runs localhost:5000/umoci:1 umoci
slipway import -q oci:/tmp/umoci:made localhost/umoci:2
runs localhost/umoci:2 umoci

# --- skopeo: the manifests of Docker, layers with zstd, archives, an index
skopeo_quiet copy --format v2s2 oci:/tmp/umoci:made --dest-tls-verify=false docker://localhost:5000/skopeo:v2s2
pull localhost:5000/skopeo:v2s2
runs localhost:5000/skopeo:v2s2 umoci
skopeo_quiet copy --dest-compress-format zstd --dest-tls-verify=false oci:/tmp/umoci:made docker://localhost:5000/skopeo:zstd
pull localhost:5000/skopeo:zstd
runs localhost:5000/skopeo:zstd umoci
for transport in docker-archive:/tmp/skopeo.docker.tar oci-archive:/tmp/skopeo.oci.tar dir:/tmp/skopeo.dir; do
        rm -rf "${transport#*:}"
        skopeo_quiet copy oci:/tmp/umoci:made "$transport$([[ $transport != docker-archive* ]] || echo :made:1)"
        slipway import -q "$transport" localhost/skopeo:file
        runs localhost/skopeo:file umoci
done

# --- buildah
export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
buildah() {
        command buildah --root /tmp/buildah --runroot /run/buildah --log-level error "$@"
}
container=$(buildah from --tls-verify=false --pull-always docker://localhost:5000/base:1)
echo "made by buildah" >/tmp/made-by
buildah copy -q "$container" /tmp/made-by /made-by >/dev/null
declare -A as=([oci]=oci [docker]=v2s2)
for format in oci docker; do
        buildah commit -q --format $format "$container" "made-$format" >/dev/null
        buildah push -q --tls-verify=false --format "${as[$format]}" "made-$format" "docker://localhost:5000/buildah:$format" 2>/dev/null
        pull "localhost:5000/buildah:$format"
        runs "localhost:5000/buildah:$format" buildah
done
buildah push -q made-docker docker-archive:/tmp/buildah.tar:made:1 2>/dev/null
slipway import -q docker-archive:/tmp/buildah.tar localhost/buildah:file
runs localhost/buildah:file buildah
rm -rf /tmp/buildah

# --- Docker's own: pushed, and saved
systemd-run --quiet --collect --unit=docker-tests -p Delegate=yes dockerd --data-root /srv/docker --exec-root /run/docker-tests \
        --pidfile /run/docker-tests.pid --host unix:///run/docker-tests.sock --iptables=false --bridge=none --storage-driver vfs --log-level error
registry_services+=(docker-tests.service)
docker() {
        command docker -H unix:///run/docker-tests.sock "$@"
}
wait_until 30 "Docker is there" docker version
docker pull -q localhost:5000/base:1 >/dev/null
container=$(docker create localhost:5000/base:1)
echo "made by Docker" >/tmp/made-by
docker cp /tmp/made-by "$container:/made-by" >/dev/null
docker commit "$container" localhost:5000/docker:1 >/dev/null
docker push -q localhost:5000/docker:1 >/dev/null
docker save -o /tmp/docker.tar localhost:5000/docker:1
pull localhost:5000/docker:1
# And back: what we save, Docker loads as the same image.
docker rmi -f localhost:5000/docker:1 >/dev/null
slipway save -o /tmp/saved.tar localhost:5000/docker:1
docker load -q -i /tmp/saved.tar >/dev/null || fail "Docker does not load what was saved"
assert_equal "$(docker inspect --format '{{.Id}}' localhost:5000/docker:1)" "$(slipway inspect localhost:5000/docker:1 | jq -r '.[0].id')" \
        "id of the image for Docker"
runs localhost:5000/docker:1 Docker
slipway import -q docker-archive:/tmp/docker.tar localhost/docker:file
runs localhost/docker:file Docker
systemctl stop docker-tests
rm -rf /srv/docker /tmp/umoci /tmp/bundle /tmp/*.tar /tmp/skopeo.dir
