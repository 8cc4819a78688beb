#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A server that starts as root, hands its data to a user of the image, and drops to it; the data are in a bind.
. "$(dirname "$0")/lib.sh"

mkdir -p /srv/redis
launch redis <<'END'
[Container]
Image=localhost/redis
Volume=/srv/redis:/data
END

wait_until 10 "redis answers" inside redis redis-cli ping
assert_equal "$(inside redis redis-cli set ship afloat)" OK "answer"
assert_equal "$(inside redis cat /proc/1/comm)" redis-server "process 1"
uid=$(inside redis id -u redis)
assert_equal "$(inside redis awk '/^Uid:/ { print $2 }' /proc/1/status)" "$uid" "user of redis"

# SIGTERM saves; the next container finds it.
stop redis
assert_equal "$(show redis Result)" success "result"
assert_equal "$(stat -c %u /srv/redis/dump.rdb)" "$uid" "owner of the dump, on the host"
start redis
wait_until 10 "redis answers" inside redis redis-cli ping
assert_equal "$(inside redis redis-cli get ship)" afloat "value after a restart"
