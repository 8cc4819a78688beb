#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The first connection starts a container, which has the sockets by their names; what it stores outlives it.
. "$(dirname "$0")/lib.sh"

ask() {
        curl --silent --http0.9 --max-time 20 "$@" || true
}

# Several sockets of several kinds, by the manifest alone; the container is in a network of its own.
manifest web.container <<'END'
[Container]
Image=localhost/python
Volume=/srv/tests/host/apps/notifier.py:/notifier.py:ro
Exec=python3 /notifier.py fds serve

[Slipway]
Activation=socket

[Socket]
ListenStream=127.0.0.1:8061
ListenStream=/run/web.sock
ListenDatagram=/run/web.datagram
FileDescriptorName=front
SocketMode=0600

[Install]
WantedBy=sockets.target
END
reload
[ "$(readlink /run/systemd/generator/sockets.target.wants/web.socket)" = ../web.socket ] || fail "the socket is not installed"
systemctl start web.socket
assert_equal "$(show web.service ActiveState)" inactive "state before anybody has come"
assert_equal "$(stat -c %a /run/web.sock)" 600 "mode of the socket"
assert_equal "$(ask http://127.0.0.1:8061)" front "answer over TCP"
assert_active web.service
assert_equal "$(ask --unix-socket /run/web.sock http://x)" front "answer over a Unix socket"
assert_journal web "fd 3 front socket"
assert_journal web "fd 5 front socket"
assert_lacks "$(journal web)" "fd 6" "list of descriptors"

# What was stopped is started by the next one, and the service alone opens its sockets, too.
systemctl stop web.service 2>/dev/null
assert_equal "$(show web.socket ActiveState)" active "state of the socket"
assert_equal "$(ask http://127.0.0.1:8061)" front "answer after a stop"
systemctl stop web.socket web.service
wait_state web.service inactive
systemctl start web.service
assert_equal "$(ask --unix-socket /run/web.sock http://x)" front "answer when the service was started"
systemctl stop web.socket web.service

# An app that ends when it has nothing to do is back when there is something.
manifest idler.container <<'END'
[Container]
Image=localhost/python
Volume=/srv/tests/host/apps/notifier.py:/notifier.py:ro
Exec=python3 /notifier.py serve:1

[Slipway]
Activation=socket

[Socket]
ListenStream=127.0.0.1:8062
END
reload
systemctl start idler.socket
assert_equal "$(ask http://127.0.0.1:8062)" idler.socket "first answer"
wait_state idler.service inactive
assert_equal "$(ask http://127.0.0.1:8062)" idler.socket "answer after it has ended by itself"
systemctl stop idler.socket idler.service

# A template has a socket for each instance, and so has a socket unit that somebody else wrote.
manifest many@.container <<'END'
[Container]
Image=localhost/python
Volume=/srv/tests/host/apps/notifier.py:/notifier.py:ro
Exec=python3 /notifier.py serve

[Slipway]
Activation=socket

[Socket]
ListenStream=/run/many.%i
FileDescriptorName=%i
END
reload
systemctl start many@one.socket many@two.socket
assert_equal "$(ask --unix-socket /run/many.two http://x)" two "answer of an instance"
assert_equal "$(show many@one.service ActiveState)" inactive "state of the other instance"
systemctl stop many@one.socket many@two.socket

manifest own.container <<'END'
[Container]
Image=localhost/python
Volume=/srv/tests/host/apps/notifier.py:/notifier.py:ro
Exec=python3 /notifier.py fds serve
END
for name in one two; do
        printf '[Socket]\nListenStream=/run/own.%s\nFileDescriptorName=%s\nService=own.service\n' $name $name \
                >/run/systemd/system/own-$name.socket
done
reload
systemctl start own-one.socket own-two.socket
assert_equal "$(ask --unix-socket /run/own.two http://x)" two "answer of the second"
assert_equal "$(ask --unix-socket /run/own.one http://x)" one "answer of the first"
systemctl stop own-one.socket own-two.socket own
rm /run/systemd/system/own-*.socket

# The store of descriptors: what the app puts there comes back to it, with its name, when it was started again.
for userns in auto host; do
        launch "keeper-$userns" <<END
[Container]
Image=localhost/python
Notify=yes
UserNS=$userns
Volume=/srv/tests/host/apps/notifier.py:/notifier.py:ro
Exec=python3 /notifier.py fds store:state=precious store:more=too send:READY=1 wait

[Service]
FileDescriptorStoreMax=4
END
        wait_until 5 "two descriptors are stored" eval '[ "$(show "keeper-$userns" NFileDescriptorStore)" = 2 ]'
        assert_lacks "$(journal "keeper-$userns")" "fd 3" "descriptors of the first start"
        systemctl restart "keeper-$userns"
        assert_journal "keeper-$userns" "file precious"
        assert_contains "$(journal "keeper-$userns")" "state file precious" "descriptors of the second start"
        assert_contains "$(journal "keeper-$userns")" "more file too" "descriptors of the second start"
        stop "keeper-$userns"
done
