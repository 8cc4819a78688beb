#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# slipway-fetch stays for the next pull, with a process for each; one that dies takes nobody along, and when the program
# is not there, or is there again, nobody has to do anything about its units.
. "$(dirname "$0")/lib.sh"

start_registry upstream 5000
start_gateway way 5001 5000
push_image localhost:5000/own/busybox:1
push_image localhost:5000/own/nginx:1 nginx
empty_store
main_pid() {
        show slipway-fetch.service MainPID
}
begin_slowly() {
        rules way <<<'[{"path": "blobs", "rate": 50000}]'
        slipway pull "localhost:5001/own/$1:1" >"/tmp/said-$1" 2>&1 &
        client=$!
}

# --- one after the other: the same instance; at the same time: a process each
pull localhost:5000/own/busybox:1
first=$(main_pid)
pull --policy=always localhost:5000/own/busybox:1
assert_equal "$(main_pid)" "$first" "process of slipway-fetch for the next pull"
begin_slowly nginx
wait_until 10 "nginx is on its way" sh -c '[ "$(find /var/lib/private/slipway-fetch -name "*.part" | wc -l)" -ge 1 ]'
one=$(fetchers)
pull --policy=always localhost:5000/own/busybox:1
kill -0 "$one" || fail "a pull has ended the other's process"

# --- one dies: its pull says so, and the next goes on
kill -SEGV "$one"
! wait "$client" || fail "a pull does not notice that its fetcher has crashed"
assert_contains "$(cat /tmp/said-nginx)" "slipway-fetch has ended; its journal says why" "what is said of a fetcher that has crashed"
journalctl --sync
assert_contains "$(journalctl --quiet --no-pager --since="@$started" -u slipway-fetch)" "ended by signal 11" "the journal"
assert_equal "$(main_pid)" "$first" "process of slipway-fetch after a crash"

# --- many die: the next have other addresses
for _ in {2..8}; do
        begin_slowly nginx
        wait_until 10 "a fetcher is there" sh -c "pgrep --parent $first >/dev/null"
        kill -SEGV "$(fetchers)"
        wait "$client" || true
done
rules way <<<'[]'
pull localhost:5001/own/nginx:1
[ "$(main_pid)" != "$first" ] || fail "the same instance begets processes after it has been guessed at"
assert_clean_store

# --- the program is not there
systemctl --quiet stop slipway-fetch.service 2>/dev/null
mv /usr/libexec/slipway/slipway-fetch /usr/libexec/slipway/away
trap 'status=$?; [ ! -e /usr/libexec/slipway/away ] || mv /usr/libexec/slipway/away /usr/libexec/slipway/slipway-fetch; (exit $status); finish_registry' EXIT
for _ in 1 2 3; do
        patience=20 pull_fails "slipway-fetch" --policy=always localhost:5000/own/busybox:1
done
mv /usr/libexec/slipway/away /usr/libexec/slipway/slipway-fetch
sleep 10.5 # TriggerLimitIntervalSec= of a socket that starts in vain
pull --policy=always localhost:5000/own/busybox:1

