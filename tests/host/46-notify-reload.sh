#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Type=notify-reload: a reload has ended when the app says so. The signal is for the app, not for systemd-nspawn.
. "$(dirname "$0")/lib.sh"

version=$(systemctl --version | awk 'NR == 1 { print $2 }')
[ "$version" -ge 253 ] || skip "systemd $version has no Type=notify-reload"

mkdir -p /srv/reloads
cat >/srv/reloads/app.py <<'END'
import os, signal, socket, time

def tell(text):
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(text.encode(), os.environ["NOTIFY_SOCKET"])

def reload(*_):
    tell("RELOADING=1\nMONOTONIC_USEC=%d" % (time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000))
    print("reloading", flush=True)
    time.sleep(1)
    tell("READY=1\nSTATUS=has reloaded")

signal.signal(signal.SIGHUP, reload)
signal.signal(signal.SIGTERM, lambda *_: exit(0))
tell("READY=1")
while True:
    signal.pause()
END
launch reloads <<'END'
[Container]
Image=localhost/python
Notify=yes
Volume=/srv/reloads:/app:ro
Exec=python3 /app/app.py

[Service]
Type=notify-reload
END
pid=$(payload reloads)
before=$EPOCHREALTIME
systemctl reload reloads || fail "it does not reload"
took=$(awk -v a="$before" -v b="$EPOCHREALTIME" 'BEGIN { print int((b - a) * 1000) }')
[ "$took" -ge 950 ] || fail "the reload has ended after $took ms, before the app said so"
assert_equal "$(show reloads StatusText)" "has reloaded" "status"
assert_equal "$(payload reloads)" "$pid" "process of the app"
assert_equal "$(journal reloads | grep -c '^reloading$')" 1 "reloads that the app has seen"
stop reloads
assert_equal "$(show reloads Result)" success "result"
