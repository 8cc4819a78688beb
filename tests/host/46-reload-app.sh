#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemctl reload reaches the app: by a signal, and in the manner of Type=notify-reload.
. "$(dirname "$0")/lib.sh"

for init in no yes; do
        launch "signalled-$init" <<END
[Container]
Image=localhost/busybox
RunInit=$init
ReloadSignal=USR1
Exec=sh -c 'trap "echo reloaded" USR1; trap "exit 0" TERM; echo ready; while :; do sleep 0.1; done'
END
        wait_until 5 "it is ready" has_logged "signalled-$init" ready
        pid=$(payload "signalled-$init")
        systemctl reload "signalled-$init" || fail "signalled-$init does not reload"
        assert_journal "signalled-$init" reloaded
        assert_active "signalled-$init"
        assert_equal "$(payload "signalled-$init")" "$pid" "process 1 of signalled-$init"
        stop "signalled-$init"
done

# A signal that would be lost is no reload.
launch deaf <<'END'
[Container]
Image=localhost/busybox
ReloadSignal=HUP
Exec=sleep 1000
END
! systemctl reload deaf 2>/dev/null || fail "an app that does not handle the signal has been reloaded"
assert_journal deaf "'sleep' does not handle SIGHUP"
assert_active deaf

# A command does it from within, and tells by its exit status how it went.
launch commanded <<'END'
[Container]
Image=localhost/busybox
ReloadCmd=sh -c 'test ! -e /broken && echo "reloaded in $$container"'
Exec=sh -c 'trap "exit 0" TERM; echo ready; while :; do sleep 0.1; done'
END
wait_until 5 "it is ready" has_logged commanded ready
systemctl reload commanded || fail "commanded does not reload"
assert_active commanded
assert_journal commanded "reloaded in slipway"
inside commanded touch /broken
! systemctl reload commanded 2>/dev/null || fail "a command that fails has reloaded"
assert_active commanded

# The service manager's own signal goes to systemd-nspawn, which stays.
launch notifying <<'END'
[Container]
Image=localhost/python
Notify=yes
Volume=/srv/tests/host/apps/notifier.py:/notifier.py:ro
Exec=python3 /notifier.py reload:USR2 send:READY=1|STATUS=fresh wait

[Service]
Type=notify-reload
ReloadSignal=SIGUSR2
END
assert_status notifying fresh
systemctl reload notifying || fail "notifying does not reload"
wait_until 5 "it has reloaded" eval '[[ $(show notifying StatusText) == reloaded ]]'
wait_active notifying
assert_journal notifying "reloaded by USR2"
systemctl kill --kill-whom=main --signal=SIGUSR2 notifying
sleep 0.2
assert_active notifying

# nginx takes its new configuration, and goes on with the connections that it has.
mkdir -p /srv/nginx
page() {
        printf 'server { listen 8099; keepalive_timeout 60; location / { return 200 "%s\\n"; } }\n' "$1" >/srv/nginx/site.conf
}
page one
launch web <<'END'
[Container]
Image=localhost/nginx
Network=host
Volume=/srv/nginx:/etc/nginx/conf.d:ro
ReloadSignal=HUP
END
wait_until 10 "nginx answers" curl --silent --fail http://localhost:8099/
assert_equal "$(curl --silent http://localhost:8099/)" one "page"
pid=$(payload web)
exec {connection}<>/dev/tcp/127.0.0.1/8099
printf 'GET / HTTP/1.1\r\nHost: x\r\n' >&"$connection"
page two
systemctl reload web || fail "nginx does not reload"
wait_until 5 "there is a new page" eval '[ "$(curl --silent http://localhost:8099/)" = two ]'
printf 'Connection: close\r\n\r\n' >&"$connection"
answer=$(timeout 5 cat <&"$connection")
assert_contains "$answer" "200 OK" "answer to the request that was under way"
assert_equal "$(payload web)" "$pid" "process 1"
rm -r /srv/nginx
