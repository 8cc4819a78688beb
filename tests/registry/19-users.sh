#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An ordinary user pulls by asking systemd, if polkit is told to allow it, and in no other way; with root's credentials,
# which the user never sees.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000 --tls --auth=basic
push_image upstream.test:5000/own/busybox:1
push_image upstream.test:5000/own/nginx:1 nginx
empty_store
name=upstream.test:5000/own/busybox:1
rules_of_polkit=/etc/polkit-1/rules.d/50-slipway-pull.rules
trap 'rm -f $rules_of_polkit /etc/slipway/auth.json; finish_registry' EXIT
groupadd --force --system slipway
for user in member stranger; do
        id $user >/dev/null 2>&1 || useradd --no-create-home $user
done
gpasswd --add member slipway >/dev/null
echo '{"auths": {"upstream.test:5000": {"auth": "YWxpY2U6c2VjcmV0"}}}' >/etc/slipway/auth.json
chmod 600 /etc/slipway/auth.json

# by USER COMMAND…: as somebody who is not root.
by() {
        setpriv --reuid "$1" --regid "$1" --init-groups env -i PATH="$PATH" HOME=/tmp "${@:2}"
}
# refused USER ARGUMENT…: what slipway pull says to somebody who may not is in $said.
refused() {
        ! said=$(by "$1" timeout 60 slipway pull "${@:2}" 2>&1) || fail "$1 may pull ${*:2}, and should not: $said"
        assert_no_image $name
}

# --- nobody may, as it is shipped
refused member $name
assert_contains "$said" "polkit" "what is said to who may not"
refused stranger $name

# --- whom the rule allows it
cp /usr/share/slipway/polkit/slipway-pull.rules $rules_of_polkit
systemctl restart polkit
wait_until 5 "polkit is there" systemctl --quiet is-active polkit
refused stranger $name
said=$(by member slipway pull $name 2>&1) || fail "a member of the group may not pull: $said"
slipway inspect $name >/dev/null || fail "there is no image"
assert_clean_store
assert_lacks "$said" secret "what is said to a user"
slipway rmi $name >/dev/null

# --- but only that: no other unit, no other verb, no credentials of their own choice
! by member systemctl start slipway-stdio@x.service >/dev/null 2>&1 || fail "a member can start any unit"
! by member systemctl stop slipway-fetch.socket >/dev/null 2>&1 || fail "a member can stop units"
! by member sh -c "echo >/dev/tcp/127.0.0.1/1" 2>/dev/null
refused member --creds=alice:secret $name
refused member --tls-verify=false $name
! by member cat /etc/slipway/auth.json 2>/dev/null || fail "a member can read the credentials"
for socket in fetch store; do
        ! by member python3 -c "import socket, sys; socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET).connect(sys.argv[1])" \
                /run/slipway/$socket.socket 2>/dev/null || fail "a member can connect to $socket.socket"
done

# --- names that want to be something else
for odd in '../../etc/shadow' '--for-unit' 'a b' $'x\ny' "$(printf 'x%.0s' $(seq 300))" 'upstream.test:5000/own/busybox:1;reboot' \
        '%n' '$(reboot)' 'upstream.test:5000/own/absent:1'; do
        refused member -- "$odd"
done
assert_clean_store

# --- what goes wrong is told to the user as it is to root
refused member upstream.test:5000/own/absent:1
assert_contains "$said" "own/absent" "what is said of an image that is not there"
echo '{"auths": {"upstream.test:5000": {"auth": "YWxpY2U6d3Jvbmc="}}}' >/etc/slipway/auth.json
refused member $name
assert_contains "$said" "credentials" "what is said of a wrong password"
