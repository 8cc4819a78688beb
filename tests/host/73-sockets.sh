#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Sockets of a .socket unit are the app's, from descriptor 3 on, and nothing else is.
. "$(dirname "$0")/lib.sh"

probe=/srv/build/tests/probe/probe
[ -x "$probe" ] || skip "the build has no probe"

for init in no yes; do
        manifest listener.container <<END
[Container]
Image=localhost/busybox
Volume=$probe:/probe:ro
Volume=/srv:/more:ro
RunInit=$init
Exec=/probe
END
        printf '[Socket]\nListenStream=/run/listener.%s\nListenDatagram=/run/listener.%s.d\nFileDescriptorName=front\n' \
                "$init" "$init" >/run/systemd/system/listener.socket
        reload
        systemctl restart listener.socket
        start listener
        wait_until 10 "the probe has ended with RunInit=$init" has_logged listener end=yes
        journalctl --sync
        journal listener "_SYSTEMD_INVOCATION_ID=$(show listener InvocationID)" >/tmp/facts
        facts() { sed -n "s|^$1=||p" /tmp/facts; }
        assert_contains "$(facts fd.3)" socket: "descriptor 3"
        assert_contains "$(facts fd.4)" socket: "descriptor 4"
        assert_equal "$(grep -c '^fd\.' /tmp/facts)" 5 "number of descriptors"
        assert_equal "$(facts env.LISTEN_FDS)" 2 "LISTEN_FDS"
        assert_equal "$(facts env.LISTEN_PID)" "$(facts pid)" "LISTEN_PID"
        assert_equal "$(facts env.LISTEN_FDNAMES)" front:front "LISTEN_FDNAMES"
        systemctl stop listener.socket listener
done
rm /run/systemd/system/listener.socket
reload
