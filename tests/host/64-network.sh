#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# By default there is a loopback and nothing else; host is the host's, none is none.
. "$(dirname "$0")/lib.sh"

launch lonely <<'END'
[Container]
Image=localhost/busybox
HostName=island
AddHost=mainland:192.0.2.1
DNS=192.0.2.53
Exec=sleep 1000
END
assert_equal "$(inside lonely ls /sys/class/net)" lo "interfaces"
assert_contains "$(inside lonely ip addr show lo)" "inet 127.0.0.1" "loopback"
assert_contains "$(inside lonely ip addr show lo)" "UP" "loopback"
assert_equal "$(inside lonely hostname)" island "host name"
assert_contains "$(inside lonely cat /etc/hosts)" "mainland" "/etc/hosts"
assert_contains "$(inside lonely cat /etc/hosts)" "island" "/etc/hosts"
assert_contains "$(inside lonely cat /etc/resolv.conf)" "nameserver 192.0.2.53" "/etc/resolv.conf"
[ "$(readlink "/proc/$(payload lonely)/ns/net")" != "$(readlink /proc/self/ns/net)" ] || fail "it has the host's network"

launch shared <<'END'
[Container]
Image=localhost/busybox
Network=host
Exec=sleep 1000
END
assert_equal "$(readlink "/proc/$(payload shared)/ns/net")" "$(readlink /proc/self/ns/net)" "network namespace"
