#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# WireGuard: two containers with nothing between them but their keys, of which one at a time can be anybody's; what is
# wrong with a configuration is told, and no key is told with it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/network-lib.sh"

umask 077
mkdir -p /etc/wireguard
for end in a b; do
        wg genkey >/run/key-$end
        wg pubkey </run/key-$end >/run/public-$end
done
wg genpsk >/run/key-both
cat >/etc/wireguard/a.conf <<END
# As wg-quick(8) has it.
[Interface]
Address = 10.66.0.1/24, fd66::1/64
ListenPort = 51820
PrivateKey = $(cat /run/key-a)

[Peer] # b
PublicKey=$(cat /run/public-b)
presharedkey = $(cat /run/key-both)
AllowedIPs = 10.66.0.2, fd66::2/128, 203.0.113.0/24
END
cat >/etc/wireguard/b.conf <<END
[Interface]
Address = 10.66.0.2/24
Address = fd66::2/64
DNS = 10.66.0.1, inside.example
MTU = 1380
PrivateKey = $(cat /run/key-b)
[Peer]
PublicKey = $(cat /run/public-a)
PresharedKey = $(cat /run/key-both)
AllowedIPs = 0.0.0.0/0, ::/0
Endpoint = 127.0.0.1:51820
PersistentKeepalive = 25
END
umask 022
for end in a b; do
        printf '[Network]\nDriver=wireguard\n[Slipway]\nConfig=/etc/wireguard/%s.conf\n' $end | manifest vpn-$end.network
done
units+=(vpn-a-network.service vpn-b-network.service)
serve a Network=vpn-a.network:interface_name=wg0
serve b Network=vpn-b.network
serve third Network=vpn-b.network
reload
start a
start b
wait_until 20 "b reaches a" asks b http://10.66.0.1/ a
wait_until 20 "a reaches b" asks a http://10.66.0.2/ b
wait_until 20 "b reaches a by IPv6" asks b 'http://[fd66::1]/' a
inside a ping -c 1 -W 5 10.66.0.2 >/dev/null || fail "a does not hear from b"
assert_contains "$(inside a ip addr show dev wg0)" 10.66.0.1/24 "addresses of a"
assert_contains "$(inside a ip route)" "203.0.113.0/24 dev wg0" "routes of a"
assert_contains "$(inside b ip route)" "default dev eth0" "routes of b"
assert_contains "$(inside b ip link show dev eth0)" "mtu 1380" "interface of b"
assert_contains "$(inside b cat /etc/resolv.conf)" "nameserver 10.66.0.1" "/etc/resolv.conf of b"
assert_contains "$(inside b cat /etc/resolv.conf)" "search inside.example" "/etc/resolv.conf of b"
# Its socket is on the machine: b has no other interface, and a listens here.
assert_equal "$(inside b ls /sys/class/net | tr '\n' ' ')" "eth0 lo " "interfaces of b"
assert_contains "$(ss -uln)" ":51820" "sockets of the machine"
assert_equal "$(ip -o link show type wireguard | wc -l)" 0 "links that the machine itself has"

# Keys are nowhere but in their files.
for key in a b both; do
        ! grep -rqF "$(cat /run/key-$key)" /run/slipway /var/lib/slipway/networks 2>/dev/null || fail "a key is in a record"
        ! journalctl --quiet --no-pager -o export | grep -qF "$(cat /run/key-$key)" || fail "a key is in the journal"
done

# A key is one's.
start_fails third
assert_status third "'b' is in network 'systemd-vpn-b' already"
systemctl reset-failed third
kill -9 "$(show b MainPID)"
wait_state b failed
systemctl reset-failed b
start third
wait_until 20 "the third reaches a" asks third http://10.66.0.1/ a
stop third
start b
wait_until 20 "b reaches a again" asks b http://10.66.0.1/ a
stop b

# Who is killed while the key is being set leaves no link on the machine.
mv /usr/bin/wg /usr/bin/wg.away
printf '#!/bin/sh\nexec sleep 1000\n' >/usr/bin/wg
chmod +x /usr/bin/wg
systemctl start --no-block b
has_link() {
        ip -o link show type wireguard | grep -q .
}
wait_until 20 "there is a link of WireGuard on the machine" has_link
pkill -KILL -x -f '/usr/libexec/slipway/slipway-net attach b [0-9]*'
wait_state b failed
mv /usr/bin/wg.away /usr/bin/wg
! has_link || fail "a link of WireGuard is left: $(ip -o link show type wireguard)"
[ ! -e /run/slipway/net/members/b ] || fail "a record of b is left"
systemctl reset-failed b
start b
wait_until 20 "b reaches a after a kill" asks b http://10.66.0.1/ a
stop b

# With another network first: ports, and the default route if it is to be that one's.
serve b Network=slipway Network=vpn-b.network:no_default_route PublishPort=8201:80
reload
start b
wait_until 20 "b reaches a with two networks" asks b http://10.66.0.1/ a
assert_equal "$(curl -s -m 5 http://127.0.0.1:8201/)" b "a published port of b"
assert_lacks "$(inside b ip route | grep default)" "dev eth1" "default routes of b"
stop b
serve b Network=vpn-b.network PublishPort=8201:80
reload
start_fails b
assert_status b "ports of this machine lead to the first network"
systemctl reset-failed b

# What is wrong with a file is told with its line, and without a key.
network_fails() {
        systemctl stop vpn-c-network 2>/dev/null || true
        ! systemctl start vpn-c-network 2>/dev/null || fail "the network starts, and should not: $1"
        assert_contains "$(systemctl status --no-pager --lines=0 vpn-c-network || true)" "$1" "status of the network"
        ! journalctl --quiet --no-pager -o export | grep -qF "$(cat /run/key-b)" || fail "a key is in the journal"
        systemctl reset-failed vpn-c-network
}
printf '[Network]\nDriver=wireguard\n[Slipway]\nConfig=/etc/wireguard/c.conf\n' | manifest vpn-c.network
reload
network_fails "cannot open the configuration of WireGuard '/etc/wireguard/c.conf': No such file or directory"
cp /etc/wireguard/b.conf /etc/wireguard/c.conf
chmod 644 /etc/wireguard/c.conf
network_fails "everybody can read it; 'chmod 600 /etc/wireguard/c.conf'"
chmod 600 /etc/wireguard/c.conf
sed -i '5a PostUp = iptables -A FORWARD' /etc/wireguard/c.conf
network_fails "/etc/wireguard/c.conf:6: PostUp=: cannot bring up network 'systemd-vpn-c': not supported, commands of root's do not belong into a network"
sed -e '/PostUp/d' -e 's/^PrivateKey = /&x/' -i /etc/wireguard/c.conf
network_fails "/etc/wireguard/c.conf:6: PrivateKey=: cannot bring up network 'systemd-vpn-c': it is not a key: 44 characters"
cp /etc/wireguard/b.conf /etc/wireguard/c.conf
mv /usr/bin/wg /usr/bin/wg.away
network_fails "install the package wireguard-tools"
mv /usr/bin/wg.away /usr/bin/wg
# wg says what it cannot do.
sed -i 's/^Endpoint = .*/Endpoint = nowhere.invalid:1/' /etc/wireguard/c.conf
serve c Network=vpn-c.network
reload
start_fails c
assert_status c "wg has failed: "
assert_equal "$(ip -o link show type wireguard | wc -l)" 0 "links that are left"
systemctl reset-failed c
stop a
