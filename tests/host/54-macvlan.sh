#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A network on top of an interface: containers are machines of their own on the wire, with a fixed address, or with one
# that they find themselves; the machine itself is not reached.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/network-lib.sh"

ip link add try0 type veth peer name try2
ip link add link try0 name try1 type macvlan 2>/dev/null || { ip link del try0; skip "the kernel has no macvlan"; }
ip link del try0
make_outside out1 10.67.0 2001:db8:67

manifest wire.network <<'END'
[Network]
Driver=macvlan
InterfaceName=up-out1
Subnet=10.67.0.0/24
Gateway=10.67.0.2
IPRange=10.67.0.16/28
END
manifest bare.network <<'END'
[Network]
Driver=macvlan
Options=parent=up-out1 mode=private
IPAMDriver=none
END
serve one Network=wire.network:mac=02:00:00:00:67:01
serve two Network=wire.network:ip=10.67.0.77
serve bare Network=bare.network
reload
start one
start two
start bare

assert_equal "$(address_of one)" 10.67.0.16 "address of one"
assert_equal "$(address_of two)" 10.67.0.77 "address of two"
assert_contains "$(inside one ip link show dev eth0)" 02:00:00:00:67:01 "interface of one"
assert_contains "$(inside one ip route)" "default via 10.67.0.2" "routes of one"
wait_until 10 "the wire reaches one" eval '[ "$(from_outside out1 http://10.67.0.16/)" = one ]'
assert_equal "$(ask one http://10.67.0.2:8000/)" 10.67.0.16 "whom the wire sees"
assert_equal "$(ask two http://one/)" one "what two gets of one by name"
assert_equal "$(fetch http://10.67.0.16/)" "" "what the machine gets"
assert_lacks "$(inside bare ip addr show dev eth0)" "inet " "addresses of a container that finds them itself"
[ -n "$(inside bare ip link show dev eth0 | grep UP)" ] || fail "its interface is not up"

stop one
stop two
stop bare
assert_nothing_left
systemctl stop wire-network
sed -i 's/up-out1/nowhere0/' /etc/slipway/wire.network
reload
! systemctl start wire-network 2>/dev/null || fail "a network on an interface that is not there"
assert_status wire-network "there is no interface 'nowhere0'"
