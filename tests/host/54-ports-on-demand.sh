#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The first connection to a port starts a container, silence stops it, and nobody who comes is lost in between.
. "$(dirname "$0")/lib.sh"

ask() {
        curl --silent --show-error --max-time 20 "http://$1/hello" 2>&1 || true
}

mkdir -p /srv/www
echo hello >/srv/www/hello

# on_demand NAME PORT IDLE [EXEC]
on_demand() {
        manifest "$1.container" <<END
[Unit]
StartLimitIntervalSec=0

[Container]
Image=localhost/busybox
Volume=/srv/www:/www:ro
Exec=${4:-httpd -f -p 80 -h /www}
PublishPort=$2:80

[Slipway]
Activation=socket
IdleTimeout=$3

[Service]
TimeoutStopSec=2s

[Install]
WantedBy=sockets.target
END
        reload
        systemctl start "$1.socket"
}

on_demand web 8071 1s
assert_equal "$(show web.service ActiveState)" inactive "the container before anybody has come"
assert_equal "$(ask 127.0.0.1:8071)" hello "first answer"
assert_active web.service
assert_active web-proxy.service
assert_equal "$(ask '[::1]:8071')" hello "answer over IPv6"

# The proxy is nobody and can do nothing else.
pid=$(show web-proxy.service MainPID)
[ "$(stat -c %u "/proc/$pid")" != 0 ] || fail "the proxy is root"
assert_equal "$(awk '/^CapBnd/ { print $2 }' "/proc/$pid/status")" 0000000000000000 "capabilities of the proxy"
assert_equal "$(awk '/^Seccomp:/ { print $2 }' "/proc/$pid/status")" 2 "filter of the proxy"

# A connection that is open keeps it; silence does not.
exec 5<>/dev/tcp/127.0.0.1/8071
sleep 2.5
assert_active web.service
exec 5>&-
wait_state web-proxy.service inactive
wait_state web.service inactive
assert_equal "$(ask 127.0.0.1:8071)" hello "answer after silence"

# Who starts it by hand has it as long, and has the port.
wait_state web.service inactive
systemctl start web.service
assert_active web.service
assert_equal "$(ask 127.0.0.1:8071)" hello "answer when it was started by hand"
wait_state web.service inactive
systemctl stop web.socket

# So short that it is always just being stopped: some come, and none is lost.
on_demand hasty 8072 100ms
lost=0 starts=0 last=
for ((i = 0; i < 25; i++)); do
        said=$(ask 127.0.0.1:8072)
        [ "$said" = hello ] || { lost=$((lost + 1)) && echo "$i: $said"; }
        invocation=$(show hasty.service InvocationID)
        [ "$invocation" = "$last" ] || starts=$((starts + 1))
        last=$invocation
        sleep "0.$((RANDOM % 30 + 10))"
done
assert_equal "$lost" 0 "connections that were lost"
[ $starts -gt 5 ] || fail "it was started $starts times only"
systemctl stop hasty.socket hasty.service 2>/dev/null

# Nobody is refused while it is started again; who is cut off was connected to what is gone.
on_demand steady 8073 infinity
assert_equal "$(ask 127.0.0.1:8073)" hello "first answer of the steady one"
: >/tmp/refused
(while [ ! -e /tmp/over ]; do
        curl --silent --max-time 20 -o /dev/null http://127.0.0.1:8073/hello || echo $? >>/tmp/refused
done) &
asker=$!
for _ in 1 2 3; do
        sleep 0.3
        systemctl restart steady.service
done
systemctl kill --kill-whom=all --signal=KILL steady.service
sleep 0.5
touch /tmp/over
wait $asker
! grep -qx 7 /tmp/refused || fail "some were refused"
[ "$(wc -l </tmp/refused)" -le 4 ] || fail "more than one was cut off by each end: $(sort /tmp/refused | uniq -c | xargs)"
assert_equal "$(ask 127.0.0.1:8073)" hello "answer after a violent death"

# Stopped by hand, it is started by who comes next.
systemctl stop steady.service 2>/dev/null
assert_equal "$(ask 127.0.0.1:8073)" hello "answer after a stop"
systemctl stop steady.socket

# Nor while the proxy is, and that does not end what runs.
on_demand kept 8076 5s
assert_equal "$(ask 127.0.0.1:8076)" hello "first answer of who is kept"
invocation=$(show kept.service InvocationID)
for _ in 1 2 3; do
        systemctl kill --signal=KILL kept-proxy.service
        sleep 0.3
        assert_equal "$(ask 127.0.0.1:8076)" hello "answer after a violent death of the proxy"
done
assert_equal "$(show kept.service InvocationID)" "$invocation" "life of the container after deaths of the proxy"
systemctl stop kept.socket kept.service 2>/dev/null

# What cannot be started says so, to both sides, and is tried again by the next one.
on_demand broken 8074 1s /nowhere
assert_lacks "$(ask 127.0.0.1:8074)" hello "answer of what cannot be started"
wait_state broken.service failed
assert_equal "$(show broken.socket ActiveState)" active "socket of what cannot be started"
assert_journal broken-proxy "is in no network"
systemctl stop broken.socket

# Two for one port: the second one is told.
on_demand first 8075 1s
on_demand second 8075 1s 2>/dev/null && fail "two have one port"
assert_equal "$(show second.socket ActiveState)" failed "the second socket"
! systemctl start second.service 2>/dev/null || fail "it is started without its port"
systemctl stop first.socket
