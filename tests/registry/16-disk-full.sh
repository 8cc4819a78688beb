#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# No room, for the fetcher or in the store: that is said, with the place, and nothing is left behind.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000
push_image localhost:5000/own/python:1 python
push_image localhost:5000/own/busybox:1
name=localhost:5000/own/python:1
empty_store
small=()
trap '[ ${#small[@]} = 0 ] || umount -l "${small[@]}"; finish_registry' EXIT

# little SIZE DIRECTORY: a file system with hardly any room in its place.
little() {
        mkdir -p "$2"
        mount -t tmpfs -o "size=$1,mode=$(stat -c %a "$2")" slipway-small "$2"
        small=("$2")
}
large() {
        umount "${small[@]}"
        small=()
}

# --- the fetcher's directory
little 1M /var/lib/private/slipway-fetch
pull_fails "/var/lib/slipway-fetch" $name
assert_contains "$said" "room" "what is said without room for the fetcher"
assert_no_image $name
assert_clean_store
large

# --- the store
little 24M $store
chmod 700 $store
pull_fails "No space left on device" $name
assert_contains "$said" "$store" "what is said without room in the store"
assert_no_image $name
assert_equal "$(find $store/tmp -mindepth 1 2>/dev/null)" "" "drafts in a full store"
slipway fsck >/dev/null 2>&1 || fail "slipway fsck finds: $(slipway fsck 2>&1)"
# What was unpacked is kept for the next try; the small image needs hardly any.
pull localhost:5000/own/busybox:1
large

pull $name
assert_clean_store
