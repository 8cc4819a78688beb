#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A token that expires while layers are on their way is replaced by another one.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000 --tls --auth=token
start_gateway way 5001 5000 --tls
push_image upstream.test:5000/own/python:1 python
empty_store
mapfile -t layers < <(image_layers upstream.test:5000/own/python:1)
size=$(stat -c %s "$(blob_file upstream "${layers[0]}")")

# Tokens are good for two seconds and say that it is five minutes. The way breaks after three, in the first layer.
echo 2 >$registry_base/tokens/lifetime
rm -f $registry_base/tokens/log
rules way <<<"[{\"path\": \"${layers[0]}\", \"rate\": $((size / 6)), \"cut\": $((size / 2)), \"times\": 1}]"
pull --creds=alice:secret way.test:5001/own/python:1
[ "$(wc -l <$registry_base/tokens/log)" -ge 2 ] || fail "one token was enough: $(cat $registry_base/tokens/log)"
[ "$(jq -s 'map(select(.status == 401 and .authorized)) | length' $registry_base/way/requests)" -ge 1 ] || fail "no token has expired"
[ "$(sent way "${layers[0]}")" -le $((size + 10000)) ] || fail "the layer was downloaded twice"
assert_clean_store

# A token server that gives only what is over: not for ever.
empty_store
echo -30 >$registry_base/tokens/lifetime
pull_fails "own/python" --creds=alice:secret way.test:5001/own/python:1
[ "$(wc -l <$registry_base/tokens/log)" -le 20 ] || fail "the token server is asked for ever"
assert_no_image way.test:5001/own/python:1
assert_clean_store

# And one that is gone.
systemctl kill --signal=KILL tokens
wait_until 5 "the token server is gone" sh -c '! systemctl --quiet is-active tokens'
pull_fails "tokens.test:5999" --creds=alice:secret way.test:5001/own/python:1
assert_clean_store
