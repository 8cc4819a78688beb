#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# none is a loopback and nothing else; host is the host's; by default there is a way out.
. "$(dirname "$0")/lib.sh"

launch lonely <<'END'
[Container]
Image=localhost/busybox
Network=none
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

launch usual <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
assert_contains "$(inside usual ip route)" "default via" "routes"
assert_contains "$(inside usual cat /etc/hosts)" "host.containers.internal" "/etc/hosts"

# Another one's network, and one that somebody has made.
launch guest <<'END'
[Container]
Image=localhost/busybox
Network=usual.container
Exec=sleep 1000
END
assert_equal "$(readlink "/proc/$(payload guest)/ns/net")" "$(readlink "/proc/$(payload usual)/ns/net")" "network namespace"
ip netns add made
launch placed <<'END'
[Container]
Image=localhost/busybox
Network=ns:/run/netns/made
Exec=sleep 1000
END
assert_equal "$(stat -L -c %i "/proc/$(payload placed)/ns/net")" "$(stat -L -c %i /run/netns/made)" "network namespace"
systemctl stop placed
ip netns del made
systemctl stop usual
assert_equal "$(show guest ActiveState)" inactive "state of who was in the network of one that has stopped"
