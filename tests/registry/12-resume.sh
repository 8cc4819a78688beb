#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Whoever is killed in the middle of a pull, the next one goes on where it was: nothing is downloaded twice but what was
# on its way, and nothing is left over.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000
start_gateway way 5001 5000
push_image localhost:5000/own/python:1 python
mapfile -t layers < <(image_layers localhost:5000/own/python:1)
size_of() {
        stat -c %s "$(blob_file upstream "$1")"
}
largest=$(for layer in "${layers[@]}"; do echo "$(size_of "$layer") $layer"; done | sort -n | tail -n 1)
size=${largest% *} layer=${largest#* }
name=localhost:5001/own/python:1
# What may be on its way to a reader, or not be written down yet, when it is killed.
slack=$((2 << 20))

has_sent() {
        local position
        position=$(find /var/lib/private/slipway-fetch /var/lib/slipway-fetch -type f -size +2M 2>/dev/null | head -n 1)
        [ -n "$position" ]
}

nobody_is_at_work() {
        [ -z "$(fetchers)" ] && ! systemctl list-units --plain --no-legend 'slipway-store@*' | grep -q running
}

# broken_off WHAT UNIT-PATTERN: a pull in whose middle all processes of units are killed.
broken_off() {
        local what=$1 pattern=$2 client
        empty_store
        : >$registry_base/way/requests
        rules way <<<"[{\"path\": \"blobs\", \"rate\": $((size / 4))}]"
        slipway pull "$name" >/tmp/said 2>&1 &
        client=$!
        wait_until 20 "some of a layer is there" has_sent
        if [ "$pattern" = client ]; then
                kill -9 $client
        else
                systemctl kill --signal=KILL "$pattern"
        fi
        ! wait $client || [ "$what" = "a fetcher that is asked again" ] || fail "the pull does not notice that $what was killed: $(cat /tmp/said)"
        wait_until 10 "all are gone" nobody_is_at_work
        assert_no_image "$name"
        assert_clean_store draft

        rules way <<<'[]'
        pull "$name"
        assert_clean_store
        all=$(sent way "$layer")
        [ "$all" -le $((size + slack)) ] || fail "$what was killed, and $all bytes of $size were sent: $(grep "$layer" $registry_base/way/requests)"
        for each in "${layers[@]}"; do
                [ "$(sent way "$each")" -le $(($(size_of "$each") + slack)) ] || fail "$what was killed, and $each was downloaded twice"
        done
        [ "$(jq -s --arg layer "$layer" 'map(select((.path | contains($layer)) and .range > 0)) | length' $registry_base/way/requests)" -ge 1 ] ||
                fail "$what was killed, and nothing was resumed"
}

broken_off "the fetcher" slipway-fetch.service
assert_contains "$(cat /tmp/said)" "fetch" "what is said when the fetcher is killed"
broken_off "the store" 'slipway-store@*'
broken_off "the client" client

# --- a way that breaks again and again is resumed by the fetcher itself, in one pull
empty_store
: >$registry_base/way/requests
rules way <<<"[{\"path\": \"$layer\", \"cut\": $((size / 3)), \"times\": 2}]"
pull "$name"
assert_equal "$(sent way "$layer")" "$size" "bytes sent over a way that breaks"
assert_clean_store

# --- a byte that changed on the way has that layer downloaded again by the next pull, and no other
empty_store
: >$registry_base/way/requests
rules way <<<"[{\"path\": \"$layer\", \"flip\": 1000, \"times\": 1}]"
pull_fails "it has sent something else" "$name"
assert_clean_store draft
pull "$name"
for each in "${layers[@]}"; do
        most=$(size_of "$each")
        [ "$each" != "$layer" ] || most=$((2 * most))
        [ "$(sent way "$each")" -le "$most" ] || fail "$(sent way "$each") bytes were sent of $each with $(size_of "$each")"
done
assert_clean_store
launch resumed <<END
[Container]
Image=$name
Exec=python3 -c "import time; print('it runs', flush=True); time.sleep(1000)"
END
assert_journal resumed "it runs"

# --- layers that were whole are kept, not only what lies with the fetcher
stop resumed
empty_store
: >$registry_base/way/requests
rules way <<<"[{\"path\": \"${layers[-1]}\", \"status\": 500}]"
! slipway pull "$name" >/tmp/said 2>&1 || fail "a pull without its last layer succeeds"
rules way <<<'[]'
pull "$name"
for each in "${layers[@]}"; do
        [ "$(sent way "$each")" -le "$(size_of "$each")" ] || fail "$each was downloaded twice"
done
assert_clean_store
