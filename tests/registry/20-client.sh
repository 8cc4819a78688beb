#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What stands between what a person types and what is asked of a registry: files of the host, sockets that nobody has
# started, and who is not root.
. "$(dirname "$0")/lib.sh"

start_registry plain 5000
start_registry closed 5001 --tls --auth=basic
push_image localhost:5000/tools/busybox:1
push_image closed.test:5001/own/busybox:1
push_image closed.test:5001/own/redis:7 redis
trust_ca closed.test:5001
auth() {
        printf '{"auths": {"%s": {"auth": "%s"}}}' "$1" "$(printf %s "$2" | base64)"
}

# --- the sockets are started by who needs them
systemctl stop slipway-fetch.socket slipway-store.socket
pull localhost:5000/tools/busybox:1
assert_equal "$(systemctl is-active slipway-fetch.socket slipway-store.socket | uniq)" active "sockets"
id=$(slipway pull --quiet localhost:5000/tools/busybox:1)
assert_equal "$id" "sha256:$(slipway inspect localhost:5000/tools/busybox:1 | jq -r '.[0].Id // .[0].id' | sed s/sha256://)" "id"
forget_requests plain
pull localhost:5000/tools/busybox:1
assert_contains "$said" "is up to date" "words"
assert_equal "$(requests plain | wc -l)" 1 "requests for an image that has not changed"
systemctl stop slipway-fetch.socket
pull --policy=missing localhost:5000/tools/busybox:1
assert_equal "$(systemctl is-active slipway-fetch.socket || true)" inactive "socket that was not needed"

# --- credentials and certificates
pull_fails "closed.test:5001" closed.test:5001/own/busybox:1
auth closed.test:5001 alice:wrong >/etc/slipway/auth.json
chmod 600 /etc/slipway/auth.json
pull_fails "closed.test:5001" closed.test:5001/own/busybox:1
auth closed.test:5001/own alice:secret >/etc/slipway/auth.json
pull closed.test:5001/own/busybox:1
chmod 644 /etc/slipway/auth.json
pull closed.test:5001/own/busybox:1
assert_contains "$said" "others can read the passwords in it; 'chmod 600 /etc/slipway/auth.json' prevents that" "warning"
rm /etc/slipway/auth.json
slipway rmi closed.test:5001/own/busybox:1 >/dev/null
pull --creds=alice:secret closed.test:5001/own/busybox:1
mkdir -p /root/.docker /usr/local/bin
cat >/usr/local/bin/docker-credential-tests <<'END'
#!/bin/sh
read server
[ "$server" = closed.test:5001 ] && echo '{"Username": "alice", "Secret": "secret"}'
END
chmod 755 /usr/local/bin/docker-credential-tests
echo '{"credHelpers": {"closed.test:5001": "tests"}}' >/root/.docker/config.json
pull closed.test:5001/own/busybox:1
rm /root/.docker/config.json /usr/local/bin/docker-credential-tests
mv /etc/containers/certs.d/closed.test:5001 /tmp/certs-elsewhere
pull_fails "certificate" --creds=alice:secret closed.test:5001/own/busybox:1
pull --creds=alice:secret --cert-dir=/tmp/certs-elsewhere closed.test:5001/own/busybox:1
mv /tmp/certs-elsewhere /etc/containers/certs.d/closed.test:5001

# --- mirrors, prefixes and names, from a file beside those of the host
mkdir -p /etc/slipway/registries.conf.d
cat >/etc/slipway/registries.conf.d/50-tests.conf <<'END'
[aliases]
"box" = "registry.invalid/hub/busybox"

[[registry]]
prefix = "registry.invalid/hub"
location = "localhost:5000/tools"
insecure = true

[[registry.mirror]]
location = "localhost:5999/nobody"

[[registry]]
location = "blocked.invalid"
blocked = true
END
pull --explain box:1
assert_contains "$said" "registry.invalid/hub/busybox:1
   'box:1' is this: an alias, /etc/slipway/registries.conf.d/50-tests.conf:2
1. localhost:5999/nobody/busybox, a mirror" "explanation"
pull box:1
slipway inspect registry.invalid/hub/busybox:1 >/dev/null || fail "the image has not its real name"
assert_no_image docker.io/library/box:1
pull_fails "/etc/slipway/registries.conf.d/50-tests.conf:12: blocked=: 'blocked.invalid/x:latest' is not to be pulled" blocked.invalid/x

# --- who is not root
as_nobody() {
        setpriv --reuid=nobody --regid=nogroup --clear-groups env HOME=/ "$@"
}
unit="slipway-pull@$(systemd-escape localhost:5000/tools/busybox:1).service"
said=$(as_nobody slipway pull localhost:5000/tools/busybox:1 2>&1) && fail "nobody may pull: $said"
assert_contains "$said" "that is for root, or for whom polkit allows to start slipway-pull@*" "words for nobody"
said=$(as_nobody slipway pull --creds=a:b localhost:5000/tools/busybox:1 2>&1) && fail "nobody may have credentials: $said"
assert_contains "$said" "--creds is for root only" "words for nobody"
said=$(as_nobody slipway pull "localhost:5000/$(printf 'a%.0s' {1..240})" 2>&1) && fail "a name may be endless: $said"
assert_contains "$said" "too long for a unit" "words for a long name"

systemctl start polkit.service || skip "there is no polkit"
groupadd --system slipway 2>/dev/null || true
useradd --system --no-create-home --home-dir=/ --groups=slipway puller 2>/dev/null || true
cp /usr/share/slipway/polkit/slipway-pull.rules /etc/polkit-1/rules.d/50-slipway-pull.rules
as_puller() {
        setpriv --reuid=puller --regid=puller --init-groups env HOME=/ "$@"
}
wait_until 10 'the rule is in force' as_puller slipway pull --quiet localhost:5000/tools/busybox:1

slipway rmi closed.test:5001/own/busybox:1 >/dev/null
mkdir -p /etc/credstore
auth closed.test:5001 alice:secret >/etc/credstore/slipway.auth
chmod 600 /etc/credstore/slipway.auth
said=$(as_puller slipway pull closed.test:5001/own/redis:7 2>&1) || fail "a member of the group may not pull: $said"
assert_contains "$said" "pulled closed.test:5001/own/redis:7: " "words for a member"
slipway inspect closed.test:5001/own/redis:7 >/dev/null || fail "the image is not there"
said=$(as_puller slipway pull localhost:5000/tools/none:1 2>&1) && fail "what is not there was pulled: $said"
assert_contains "$said" "cannot pull 'localhost:5000/tools/none:1'" "words for a member"
assert_contains "$said" "localhost:5000" "words for a member"
said=$(as_puller slipway pull blocked.invalid/x 2>&1) && fail "a member of the group gets round blocked=: $said"
assert_contains "$said" "is not to be pulled" "words for a member"
said=$(as_puller slipway pull oci:/etc 2>&1) && fail "a member of the group may read files: $said"
! as_puller systemctl --no-ask-password start "slipway-pull@oci:-etc.service" 2>/dev/null || fail "a unit reads files for a member"
for act in "stop $unit" "start slipway-gc.service" "start systemd-tmpfiles-clean.service"; do
        # shellcheck disable=SC2086
        ! as_puller systemctl --no-ask-password $act >/tmp/words 2>&1 || fail "a member of the group may $act"
        assert_contains "$(cat /tmp/words)" "nteractive authentication required" "words for $act"
done
said=$(as_nobody slipway pull localhost:5000/tools/busybox:1 2>&1) && fail "the rule is for everybody: $said"

rm -rf /etc/slipway/registries.conf.d /etc/credstore/slipway.auth /etc/polkit-1/rules.d/50-slipway-pull.rules
