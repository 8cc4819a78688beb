#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Passwords and tokens are seen by nobody: not in command lines, environments, the journal, units or files.
. "$(dirname "$0")/lib.sh"

password=needle-in-the-haystack
start_registry upstream 5000 --tls --auth=token
echo "carol:$password:.*:pull" >>$registry_base/tokens/users
start_gateway way 5001 5000 --tls
push_image upstream.test:5000/own/python:1 python
empty_store
printf '{"auths": {"way.test:5001": {"auth": "%s"}}}' "$(printf 'carol:%s' "$password" | base64)" >/tmp/auth.json
chmod 600 /tmp/auth.json
rules way <<<'[{"path": "blobs", "rate": 1000000, "times": 2}]'
encoded=$(printf 'carol:%s' "$password" | base64)

slipway pull --authfile=/tmp/auth.json way.test:5001/own/python:1 >/tmp/said 2>&1 &
client=$!
wait_until 20 "some of a layer is on its way" sh -c 'find /var/lib/private/slipway-fetch -type f -size +100k | grep -q .'

# What anybody may read, and what root may of other processes' beginnings.
seen=$(cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\0' '\n')
systemctl show '*' >/tmp/units 2>/dev/null
for text in "$password" "$encoded" "eyJ"; do
        assert_lacks "$seen" "$text" "a command line or an environment"
        ! grep -q "$text" /tmp/units || fail "a property of a unit has '$text'"
done
! grep -rqs -e "$password" -e "$encoded" /run/slipway /run/systemd /var/lib/slipway /var/lib/private/slipway-fetch ||
        fail "a file has the password: $(grep -rls "$password" /run/slipway /run/systemd /var/lib/slipway /var/lib/private/slipway-fetch)"
rules way <<<'[]'
wait $client || fail "the pull fails: $(cat /tmp/said)"
assert_lacks "$(cat /tmp/said)" "$password" "what slipway pull says"

# Neither is what goes wrong told with it.
sed -i '/^carol/d' $registry_base/tokens/users
pull_fails "does not accept the credentials" --authfile=/tmp/auth.json --policy=always way.test:5001/own/python:1
assert_lacks "$said" "$password" "what is said of a wrong password"
journalctl --sync
for text in "$password" "$encoded" "Bearer eyJ"; do
        ! journalctl --quiet --no-pager --since="@$started" | grep -v 'COMMAND\|systemd-run' | grep -q "$text" || fail "the journal has '$text'"
done

# The store's side is not told at all: it gets the connection, and what went over it before.
assert_lacks "$(journalctl --quiet --no-pager --since="@$started" -u 'slipway-store@*')" carol "the store's journal"

# Credentials are shown to the host that they are for, and to no other: not to one that a redirection leads to.
start_gateway elsewhere 5002 5000 --tls
cp /etc/ssl/certs/ca-certificates.crt /tmp/bundle
trap 'cp /tmp/bundle /etc/ssl/certs/ca-certificates.crt; finish_registry' EXIT
cat $registry_base/ca/ca.pem >>/etc/ssl/certs/ca-certificates.crt
empty_store
echo "carol:$password:.*:pull" >>$registry_base/tokens/users
rules way <<<'[{"path": "blobs", "status": 307, "headers": {"Location": "https://elsewhere.test:5002/v2/own/python/blobs/secret"}}]'
! slipway pull --authfile=/tmp/auth.json way.test:5001/own/python:1 >/tmp/said 2>&1 || fail "a redirection to nothing succeeds"
[ "$(asked elsewhere secret)" -ge 1 ] || fail "the redirection is not followed: $(cat /tmp/said)"
assert_equal "$(jq -s 'map(select(.authorized)) | length' $registry_base/elsewhere/requests)" 0 "requests with credentials to another host"

# Nor may it lead to this machine, by however many addresses.
printf '127.0.0.1 inside.test\n::1 inside.test\n127.0.0.2 inside.test\n' >>/etc/hosts
rules way <<<'[{"path": "blobs", "status": 307, "headers": {"Location": "https://inside.test:5002/v2/own/python/blobs/inside"}}]'
pull_fails "for this machine only" --authfile=/tmp/auth.json way.test:5001/own/python:1
assert_equal "$(asked elsewhere inside)" 0 "requests to this machine that a stranger has asked for"
assert_lacks "$(journalctl --quiet --no-pager --since="@$started" -u slipway-fetch)" "signal" "the fetcher's journal"

# A token server that is named by a stranger, on plain HTTP, gets nothing.
start_gateway liar 5003 5000 --tls
start_gateway listener 5004 5000
rules liar <<<'[{"status": 401, "headers": {"WWW-Authenticate": "Bearer realm=\"http://listener.test:5004/token\",service=\"x\""}}]'
printf '{"auths": {"liar.test:5003": {"auth": "%s"}}}' "$encoded" >/tmp/auth.json
! slipway pull --authfile=/tmp/auth.json liar.test:5003/own/python:1 >/tmp/said 2>&1 || fail "a pull from a liar succeeds"
[ ! -s $registry_base/listener/requests ] || fail "a token server is asked without TLS: $(cat $registry_base/listener/requests)"
assert_clean_store
