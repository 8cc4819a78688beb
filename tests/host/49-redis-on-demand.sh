#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Redis, which takes no sockets, is started by the first connection to systemd-socket-proxyd, and says itself when it is ready.
. "$(dirname "$0")/lib.sh"

proxy=$(command -v /usr/lib/systemd/systemd-socket-proxyd || command -v /lib/systemd/systemd-socket-proxyd) || skip "no systemd-socket-proxyd"
mkdir -p /run/redis
chmod 1777 /run/redis
manifest redis.container <<'END'
[Container]
Image=localhost/redis
Notify=yes
Volume=/run/redis:/run/redis
Exec=redis-server --supervised systemd --port 0 --unixsocket /run/redis/sock --unixsocketperm 777
END
cat >/run/systemd/system/redis-front.socket <<END
[Socket]
ListenStream=127.0.0.1:6390
END
cat >/run/systemd/system/redis-front.service <<END
[Unit]
Requires=redis.service
After=redis.service

[Service]
ExecStart=$proxy --exit-idle-time=1 /run/redis/sock
END
reload
units+=(redis-front.service redis-front.socket)
systemctl start redis-front.socket
assert_equal "$(show redis ActiveState)" inactive "state before anybody has come"

# The command is inline; the answer to it waits for Redis.
exec {connection}<>/dev/tcp/127.0.0.1/6390
printf 'SET greeting hello\r\nGET greeting\r\n' >&"$connection"
for expected in +OK '$5' hello; do
        read -r -t 20 -u "$connection" line || fail "no answer"
        assert_equal "${line%$'\r'}" "$expected" "line of the answer"
done
exec {connection}>&-
assert_active redis
assert_status redis "Ready to accept connections"
assert_equal "$(cat "/proc/$(show redis MainPID)/comm")" systemd-nspawn "main process"
stop redis
assert_equal "$(show redis Result)" success "result"
assert_equal "$(show redis ExecMainStatus)" 0 "exit status"
rm /run/systemd/system/redis-front.*
