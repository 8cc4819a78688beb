#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A fetcher gone rogue, in the unit of the real one, cannot get anything into the store, whatever it says and hands over.
. "$(dirname "$0")/lib.sh"

layout=/srv/rogue/blobs
name=localhost:5000/rogue:1
tests=/etc/slipway-tests
mkdir -p $tests
cp -r /srv/images/oci /srv/rogue
chmod -R a+rX /srv/rogue
echo "$layout/sha256" >$tests/rogue-blobs
manifest=$(jq -r '.manifests[] | select(.annotations["org.opencontainers.image.ref.name"] == "busybox").digest' /srv/rogue/index.json)
echo "$manifest" >$tests/rogue-manifest

# The unit as it is, but for its program, and one for each connection.
systemctl stop slipway-fetch.socket slipway-fetch.service
mkdir -p /run/systemd/system/slipway-fetch.socket.d
systemctl cat slipway-fetch.service |
        sed "s,^ExecStart=.*,ExecStart=$registry_tools/rogue-fetch\nStandardInput=socket," >/run/systemd/system/slipway-fetch@.service
printf '[Socket]\nAccept=yes\nTriggerLimitIntervalSec=0\n' >/run/systemd/system/slipway-fetch.socket.d/rogue.conf
systemctl daemon-reload
systemctl start slipway-fetch.socket
be_honest() {
        systemctl stop slipway-fetch.socket 'slipway-fetch@*'
        rm -rf /run/systemd/system/slipway-fetch.socket.d /run/systemd/system/slipway-fetch@.service $tests /srv/rogue
        systemctl daemon-reload
        systemctl start slipway-fetch.socket
}
trap 'status=$?; be_honest; (exit $status); finish_registry' EXIT

do_this() {
        echo "$1" >$tests/rogue-deed
}
# What is outside the store, and could be hit by a name or a link.
outside() {
        { find / /etc /etc/cron.d /root /usr/bin -maxdepth 1 -not -name '*slipway*' -printf '%p %m\n' 2>/dev/null || true; } | sort
        sha256sum /etc/passwd /etc/shadow
}

# An honest one of the kind: the way is open.
do_this ''
pull $name
assert_clean_store
empty_store

before=$(outside)
number=0
for deed in $("$registry_tools/rogue-fetch" --list); do
        do_this "$deed"
        status=0
        said=$(timeout 3 slipway pull $name 2>&1) || status=$?
        number=$((number + 1))
        [ $status -le 125 ] || fail "slipway pull ends with status $status when the fetcher does this: $deed"
        case $deed in
        # The bytes are right, and are taken or not; what is in the store is right as well.
        locked | changes | appended) ;;
        *) [ $status != 0 ] || fail "a pull succeeds when the fetcher does this: $deed" ;;
        esac
        [ $status = 0 ] || assert_no_image $name
        # Who is silent is waited for, as long as one likes.
        [ $status = 124 ] || assert_contains "$said" "$([ $status = 0 ] && echo sha256 || echo slipway)" "what is said of $deed"
        assert_lacks "$said" $'\033' "what is said of $deed"
        assert_clean_store draft
        [ $status != 0 ] || empty_store
        systemctl stop 'slipway-fetch@*'
done
[ $number -gt 30 ] || fail "these are not all deeds: $number"
assert_equal "$(outside)" "$before" "what is outside the store"
wait_until 10 "slipway-store has ended" sh -c '! systemctl list-units --plain --no-legend --state=active "slipway-store@*" | grep -q .'
assert_equal "$(systemctl list-units --plain --no-legend --state=failed 'slipway-store@*')" "" "instances of slipway-store that have failed"

do_this ''
pull $name
assert_clean_store
