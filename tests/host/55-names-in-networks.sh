#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Containers find each other by name, alias and host name, with the resolvers of glibc, musl and busybox; at once after a
# start, and not any more after a stop; several by one name; and what a manifest says of hosts and servers is so.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/network-lib.sh"

manifest lan.network <<'END'
[Network]
IPv6=yes
DNS=192.0.2.99
END
manifest glibc.container <<'END'
[Container]
Image=localhost/debian
Network=lan.network
Exec=sleep 1000
END
manifest musl.container <<'END'
[Container]
Image=localhost/musl
Network=lan.network
END
manifest busy.container <<'END'
[Container]
Image=localhost/busybox
Network=lan.network
Exec=sleep 1000
END
manifest 'twin@.container' <<'END'
[Container]
Image=localhost/busybox
ContainerName=twin-%i
Network=lan.network:alias=pair
NetworkAlias=twins
HostName=host-of-%i
Exec=sleep 1000
END
units+=(twin@1.service twin@2.service twin@3.service)
reload
systemctl start glibc musl busy twin@1 twin@2

by_glibc() { slipway exec glibc getent ahosts "$1" | awk '{ print $1 }' | sort -u; }
by_musl() { slipway exec musl /resolve "$1" | sort -u; }
by_busybox() { timeout 5 slipway exec busy ping -c 1 "$1" 2>/dev/null | sed -n 's/^PING .*(\(.*\)).*/\1/p'; }
addresses() { jq -r '.networks[0].addresses[] | split("/")[0]' "/run/slipway/net/members/$1"; }

for name in twin-1 host-of-1; do
        assert_equal "$(by_glibc $name)" "$(addresses twin-1 | sort)" "what glibc finds of $name"
        assert_equal "$(by_musl $name)" "$(addresses twin-1 | sort)" "what musl finds of $name"
        assert_contains "$(addresses twin-1)" "$(by_busybox $name)" "what busybox finds of $name"
done
for name in twins pair; do
        both=$( (addresses twin-1 && addresses twin-2) | sort)
        assert_equal "$(by_glibc $name)" "$both" "what glibc finds of $name"
        assert_equal "$(by_musl $name)" "$both" "what musl finds of $name"
        assert_contains "$both" "$(by_busybox $name)" "what busybox finds of $name"
done
assert_equal "$(by_glibc localhost | head -n 1)" "127.0.0.1" "what glibc finds of localhost"
[ -n "$(by_musl host.containers.internal)" ] || fail "musl does not find the host"

# Who has started is there when the start has ended, and who has stopped is gone.
for _ in 1 2 3 4 5; do
        systemctl start twin@3
        [ -n "$(by_musl twin-3)" ] || fail "twin-3 has started, and is not found"
        systemctl stop twin@3
        [ -z "$(by_musl twin-3 || true)" ] || fail "twin-3 has stopped, and is found"
done
assert_equal "$(slipway exec busy grep -c . /etc/hosts)" "$(slipway exec glibc grep -c . /etc/hosts)" "lines of /etc/hosts"
# Nobody in a container can change what all see.
! slipway exec busy sh -c 'echo 192.0.2.1 evil >>/etc/hosts' 2>/dev/null || fail "a container can write to /etc/hosts"

# Servers: the network's, or as given; hosts as given, beside those of the network.
assert_contains "$(slipway exec busy cat /etc/resolv.conf)" "nameserver 192.0.2.99" "/etc/resolv.conf"
launch special <<'END'
[Container]
Image=localhost/busybox
Network=lan.network
AddHost=up:host-gateway
AddHost=far:192.0.2.44
DNS=192.0.2.53
DNSSearch=example.com
DNSOption=ndots:3
Exec=sleep 1000
END
assert_contains "$(slipway exec special cat /etc/hosts)" "192.0.2.44	far" "/etc/hosts"
assert_contains "$(slipway exec special cat /etc/hosts)" "$(jq -r '.subnets[0].gateway' /run/slipway/net/networks/systemd-lan)	up" "/etc/hosts"
assert_contains "$(slipway exec special cat /etc/hosts)" "twin-1" "/etc/hosts"
assert_lacks "$(slipway exec busy cat /etc/hosts)" "far" "another's /etc/hosts"
assert_contains "$(slipway exec busy cat /etc/hosts)" " special " "another's /etc/hosts"
assert_equal "$(slipway exec special cat /etc/resolv.conf)" "search example.com
nameserver 192.0.2.53
options ndots:3" "/etc/resolv.conf"
systemctl restart twin@2
assert_contains "$(slipway exec special cat /etc/hosts)" " twin-2 " "/etc/hosts after a restart of another"

# The network is restarted: names of containers, of a pod and of its members are as they were, on all sides.
manifest crew.pod <<'END'
[Pod]
Network=lan.network
ExitPolicy=continue
END
manifest mate.container <<'END'
[Container]
Image=localhost/busybox
Pod=crew.pod
Exec=sleep 1000
StopSignal=KILL
END
manifest own.container <<'END'
[Container]
Image=localhost/busybox
Network=lan.network
AddHost=far:192.0.2.44
Exec=sleep 1000
StopSignal=KILL
END
reload
units+=(crew-pod.service)
systemctl start crew-pod mate own
# names CONTAINER: those that it sees, without addresses
names() {
        slipway exec "$1" grep -v '^#' /etc/hosts | sed 's/#.*//' | awk '{ for (i = 2; i <= NF; i++) print $i }' | sort -u
}
for name in mate own glibc; do
        names $name >"/srv/names-$name"
        for other in mate own systemd-crew twin-1; do
                grep -qxF $other "/srv/names-$name" || fail "$name does not see '$other': $(cat "/srv/names-$name")"
        done
done
systemctl restart lan-network
systemctl start crew-pod mate own glibc musl busy twin@1 twin@2 special
for name in mate own glibc; do
        assert_equal "$(names $name)" "$(cat "/srv/names-$name")" "names that $name sees after a restart of its network"
done
systemctl stop crew-pod mate own

# Fixed addresses, of the interface as well, and a name of its own; who has one already is told.
gateway=$(jq -r '.subnets[0].gateway' /run/slipway/net/networks/systemd-lan)
manifest fixed.container <<END
[Container]
Image=localhost/busybox
Network=lan.network:mac=02:11:22:33:44:55,interface_name=lan0
IP=${gateway%.1}.77
Exec=sleep 1000
END
sed 's/mac=.*//' /etc/slipway/fixed.container >/etc/slipway/second.container
reload
start fixed
assert_contains "$(inside fixed ip addr show lan0)" "02:11:22:33:44:55" "interface"
assert_contains "$(inside fixed ip addr show lan0)" "${gateway%.1}.77/" "interface"
start_fails second
assert_status second "is 'fixed''s"
sed -i "s/^IP=.*/IP=192.0.2.1/" /etc/slipway/second.container
reload
start_fails second
assert_status second "is in no subnet of network 'systemd-lan'"

systemctl stop glibc musl busy twin@1 twin@2 special fixed
assert_nothing_left
