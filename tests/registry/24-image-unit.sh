#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# .image units, what Pull= says, and a stop in the middle of a pull.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000 --tls --auth=basic
start_gateway way 5001 5000 --tls
push_image upstream.test:5000/own/busybox:1
push_image upstream.test:5000/own/python:1 python
empty_store

credentials() {
        printf '{"auths": {"way.test:5001": {"auth": "%s"}}}' "$(printf alice:secret | base64)"
}

# --- a container requires the unit of its image, which has credentials of its own
credentials >/etc/slipway/registry.json
manifest base.image <<'END'
[Image]
Image=docker://way.test:5001/own/busybox:1
[Service]
LoadCredential=slipway.auth:/etc/slipway/registry.json
END
manifest web.container <<'END'
[Container]
Image=base.image
Exec=sleep 1000
END
reload
start web
assert_active base-image.service
assert_equal "$(tr '\0' ' ' <"/proc/$(payload web)/cmdline")" "sleep 1000 " "command of the container"
slipway list --running -q | grep -qx web || fail "the container is not listed"
! slipway list -q | grep base || fail "an image is listed as a container"
stop web
assert_active base-image.service
systemctl stop base-image.service
slipway rmi way.test:5001/own/busybox:1 >/dev/null

# --- what an archive has is known by ImageTag=
skopeo_quiet copy oci:/srv/images/oci:busybox docker-archive:/tmp/app.tar:example.com/else:1
manifest app.image <<'END'
[Image]
Image=docker-archive:/tmp/app.tar
ImageTag=localhost/app:1
END
manifest app.container <<'END'
[Container]
Image=app.image
Exec=sleep 1000
END
reload
start app
assert_contains "$(slipway images)" "localhost/app:1" "images"
stop app

# --- a unit that cannot fetch fails, and with it who needs it
manifest gone.image <<'END'
[Image]
Image=way.test:5001/own/gone:1
[Service]
LoadCredential=slipway.auth:/etc/slipway/registry.json
END
manifest gone.container <<'END'
[Container]
Image=gone.image
END
reload
start_fails gone
assert_equal "$(show gone-image.service ActiveState)" failed "state of the image"
assert_journal gone-image.service "way.test:5001/own/gone:1"

# --- Pull=
mkdir -p /etc/containers && credentials >/etc/containers/auth.json
export REGISTRY_AUTH_FILE=
mkdir -p /root/.docker /run/containers/0
credentials >/root/.docker/config.json
credentials >/run/containers/0/auth.json
for policy in missing always newer never; do
        manifest $policy.container <<END
[Container]
Image=way.test:5001/own/busybox:1
Pull=$policy
Exec=sleep 1000
END
done
reload
forget_requests way
start_fails never
assert_status never "is not in the store"
assert_equal "$(asked way /own/busybox/manifests/1)" 0 "requests for Pull=never"
start missing
stop missing
forget_requests way
start missing
assert_equal "$(asked way /own/busybox/)" 0 "requests for what is there"
stop missing
start always
assert_equal "$(asked way /own/busybox/blobs)" 0 "requests of blobs for what has not changed"
grep -q "/own/busybox/manifests" $registry_base/way/requests || fail "Pull=always asks nobody"
assert_equal "$(show always StatusText)" "" "status when all is well"
stop always
systemctl stop way.service
start newer
assert_journal newer "what is here is kept"
stop newer
start_fails always
assert_status always "way.test:5001/own/busybox:1"
start missing
stop missing
start_gateway way 5001 5000 --tls

# --- a stop in the middle is an end in order, and leaves nothing
rules way <<<'[{"path": "blobs", "rate": 100000}]'
manifest slow.container <<'END'
[Container]
Image=way.test:5001/own/python:1
Exec=sleep 1000
END
reload
systemctl start --no-block slow
wait_until 20 "the status says that it is being pulled" sh -c 'systemctl show -P StatusText slow | grep -q "pulling way.test:5001/own/python:1"'
begin=$SECONDS
stop slow
[ $((SECONDS - begin)) -lt 6 ] || fail "the stop takes $((SECONDS - begin)) s"
assert_equal "$(show slow ActiveState) $(show slow Result)" "inactive success" "state after the stop"
assert_no_image way.test:5001/own/python:1
wait_until 10 "nothing of the pull is left" sh -c '! pgrep -f "[s]lipway pull"'
assert_clean_store

# --- run pulls, too
rules way <<<'[]'
slipway rmi way.test:5001/own/busybox:1 >/dev/null
assert_equal "$(slipway run --rm way.test:5001/own/busybox:1 echo hello 2>/tmp/words)" hello "output of run"
assert_contains "$(cat /tmp/words)" "way.test:5001/own/busybox:1" "what run says of the pull"
assert_equal "$(slipway run --rm --pull=always way.test:5001/own/busybox:1 echo hello 2>/dev/null)" hello "output of run with --pull=always"
! slipway run --rm --pull=never way.test:5001/own/python:1 true 2>/tmp/words || fail "run pulls what it must not"
assert_contains "$(cat /tmp/words)" "is not in the store" "run with --pull=never"
! slipway run --rm way.test:5001/own/gone:1 true 2>/tmp/words || fail "run runs what is not there"
assert_contains "$(cat /tmp/words)" "cannot pull 'way.test:5001/own/gone:1'" "run of what is not there"
