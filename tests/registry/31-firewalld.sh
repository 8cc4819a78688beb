#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Beside firewalld: its zones decide about published ports as about any other port of the machine, and containers reach
# others, without anything of its configuration being changed.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/firewall-lib.sh"

command -v firewalld >/dev/null || skip "firewalld is not installed"

make_town
unmask firewalld.service
systemctl start firewalld || fail "firewalld does not start"
assert_out "when firewalld was started"
assert_closed "when firewalld was started after the container"
restart_town
assert_closed "before it is opened"
[ ! -e /etc/firewalld/zones/slipway.xml ] || fail "the administrator's own configuration was changed"

# Open until the next reload, and for ever.
firewall-cmd --quiet --zone=public --add-port=8080/tcp --add-port=5353/udp
assert_open "when it was opened"
firewall-cmd --quiet --reload
assert_closed "after a reload"
firewall-cmd --quiet --permanent --zone=public --add-port=8080/tcp --add-port=5353/udp
firewall-cmd --quiet --reload
assert_town "when it was opened for ever"
systemctl restart firewalld
assert_town "when firewalld was started again"
# Who has somebody to pass connections on is not told so again.
assert_equal "$(journalctl --quiet --no-pager --since="@$started" -t slipway-net | grep -c "closed to other machines")" 2 "warnings"

# Of the machine, containers reach its name servers only; and what is on a bridge of another name is in another zone.
socat TCP4-LISTEN:9000,fork,reuseaddr EXEC:"$apps/who-asks" 2>/dev/null &
outside_pids+=("$!")
assert_equal "$(fetch http://192.0.2.1:9000/)" 192.0.2.1 "a service of the machine"
assert_equal "$(ask near http://192.0.2.1:9000/)" "" "a service of the machine that is not opened"
firewall-cmd --quiet --zone=slipway --add-port=9000/tcp
assert_contains "$(ask near http://192.0.2.1:9000/)" . "one that is opened"
manifest odd.network <<'END'
[Network]
InterfaceName=odd0
END
manifest odd.container <<'END'
[Container]
Image=localhost/busybox
Network=odd.network
Exec=sleep inf
END
reload
start odd
assert_equal "$(ask odd http://192.0.2.2:8000/)" "" "the way out of a bridge in no zone"
firewall-cmd --quiet --zone=slipway --add-interface=odd0
assert_equal "$(ask odd http://192.0.2.2:8000/)" 192.0.2.1 "its way out in the zone"
stop odd
stop odd-network

firewall-cmd --quiet --permanent --zone=public --remove-port=8080/tcp --remove-port=5353/udp
systemctl stop firewalld
assert_town "when firewalld was stopped"
