#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The process that speaks to registries can read neither the store nor the configuration; the one that writes the store
# has no network.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000
start_gateway way 5001 5000
push_image localhost:5000/own/python:1 python
empty_store
mkdir -p /etc/slipway/secrets
echo secret >/etc/slipway/mine
chmod 600 /etc/slipway/mine
rules way <<<'[{"path": "blobs", "rate": 1000000}]'
slipway pull localhost:5001/own/python:1 >/tmp/said 2>&1 &
client=$!
unit_of() {
        systemctl list-units --plain --no-legend --state=active "$1" | awk '{ print $1; exit }'
}
wait_until 20 "a fetcher is at work" sh -c 'find /var/lib/private/slipway-fetch -type f -size +100k | grep -q .'
fetcher=$(fetchers)
store_unit=$(unit_of 'slipway-store@*')
[ -n "$fetcher" ] && [ -n "$store_unit" ] || fail "not both are at work: $(systemctl list-units --plain --no-legend 'slipway-*')"
storer=$(show "$store_unit" MainPID)
status_of() {
        awk -v key="$2:" '$1 == key { print $2 }' "/proc/$1/status"
}

# as PROCESS COMMAND…: with its eyes, as its user.
as() {
        local process=$1
        shift
        nsenter --target "$process" --mount --net --ipc --uts -- setpriv --reuid "$(status_of "$process" Uid)" \
                --regid "$(status_of "$process" Gid)" --clear-groups --inh-caps=-all --bounding-set=-all "$@"
}

# --- the fetcher: what its user and its mounts leave to it; what it takes from itself, ../hostile/pull tries
[ "$(status_of "$fetcher" Uid)" != 0 ] || fail "the fetcher is root"
assert_equal "$(status_of "$fetcher" CapEff)" 0000000000000000 "capabilities of the fetcher"
assert_equal "$(status_of "$fetcher" CapBnd)" 0000000000000000 "capabilities that the fetcher may get"
assert_equal "$(status_of "$fetcher" NoNewPrivs)" 1 "NoNewPrivs of the fetcher"
assert_equal "$(status_of "$fetcher" Seccomp)" 2 "Seccomp of the fetcher"
assert_lacks "$(journalctl --quiet --no-pager --boot -u slipway-fetch)" "Landlock" "what the fetcher says of its sandbox"
as "$fetcher" sh -c 'sleep 5 & cat /proc/$!/maps >/dev/null' || fail "a user cannot look into processes of his own"
for file in environ maps mem; do
        ! as "$fetcher" cat "/proc/$fetcher/$file" >/dev/null 2>&1 || fail "who has the fetcher's user can read its $file"
done
for path in $store $store/layers /etc/slipway/mine /etc/shadow /root /var/log/journal /run/slipway/store.socket; do
        ! as "$fetcher" sh -c "ls '$path'/. || cat '$path'" >/dev/null 2>&1 || fail "the fetcher can read $path"
done
for path in / /etc /usr /var/lib /run $store; do
        ! as "$fetcher" sh -c "echo x >'$path/written'" 2>/dev/null || fail "the fetcher can write in $path"
done
as "$fetcher" sh -c 'echo x >/var/lib/slipway-fetch/written && rm /var/lib/slipway-fetch/written' || fail "the fetcher cannot write where it is to"
as "$fetcher" sh -c 'echo x >/tmp/written; echo x >/var/tmp/written' 2>/dev/null || true
[ ! -e /tmp/written ] && [ ! -e /var/tmp/written ] || fail "the fetcher writes what others see"
find "/proc/$fetcher/fd" -mindepth 1 -printf '%l\n' >/tmp/fds
assert_lacks "$(cat /tmp/fds)" "$store" "descriptors of the fetcher"

# --- the store
[ "$(readlink "/proc/$storer/ns/net")" != "$(readlink /proc/1/ns/net)" ] || fail "the store has the host's network"
assert_equal "$(nsenter --target "$storer" --net ip -o link | grep -cv ' lo:')" 0 "network devices of the store"
! nsenter --target "$storer" --net curl --silent --max-time 5 http://192.0.2.1:5001/v2/ || fail "the store reaches a registry"
assert_equal "$(status_of "$storer" NoNewPrivs)" 1 "NoNewPrivs of the store"
assert_equal "$(status_of "$storer" Seccomp)" 2 "Seccomp of the store"
for path in /etc /usr /var/lib /root /boot; do
        ! nsenter --target "$storer" --mount sh -c "echo x >'$path/written'" 2>/dev/null || fail "the store can write in $path"
done
assert_equal "$(show "$store_unit" RestrictAddressFamilies)" AF_UNIX "address families of the store"

rules way <<<'[]'
wait $client || fail "the pull fails: $(cat /tmp/said)"
assert_clean_store
# When nobody pulls, nobody is there.
wait_until 20 "all is over" sh -c '! systemctl list-units --plain --no-legend --state=active slipway-fetch.service "slipway-store@*" | grep -q .'

# --- their sockets are not for everybody
for socket in /run/slipway/fetch.socket /run/slipway/store.socket; do
        assert_equal "$(stat -c '%a %U' $socket)" "600 root" "mode of $socket"
done
