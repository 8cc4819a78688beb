#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Networks that take more of the kernel than other machines have: macvlan and ipvlan, a VLAN on a bridge, and published
# ports of SCTP.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/network-lib.sh"

# By the name that the other one has in /etc/hosts of the first.
knows() {
        local address
        address=$(inside "$1" awk -v name="$2" '$2 == name { print $1; exit }' /etc/hosts)
        [ -n "$address" ] && asks "$1" "http://$address/" "$2"
}

# --- macvlan, ipvlan ----------------------------------------------------------------------------------------------------

# A machine on the same wire.
ip netns add wire
ip link add wire0 type veth peer name eth0 netns wire
ip link set wire0 up
ip -n wire link set lo up
ip -n wire link set eth0 up
ip -n wire addr add 10.67.0.1/24 dev eth0
ip netns exec wire socat TCP4-LISTEN:80,fork,reuseaddr EXEC:"$(dirname "$0")/../host/apps/who-asks" 2>/dev/null &
wire=$!
clean_up() {
        kill $wire 2>/dev/null
        ip netns del wire
        ip link del trunk0 2>/dev/null
}
at_end+=(clean_up)
for driver in macvlan ipvlan; do
        manifest on-$driver.network <<END
[Network]
Driver=$driver
InterfaceName=wire0
Subnet=10.67.0.0/24
Gateway=10.67.0.1
IPRange=10.67.0.$([ $driver = macvlan ] && echo 16/28 || echo 32/28)
END
        serve one-$driver Network=on-$driver.network
        serve two-$driver Network=on-$driver.network
        reload
        start one-$driver
        start two-$driver
        address=$(jq -r '.networks[0].addresses[0] | split("/")[0]' /run/slipway/net/members/one-$driver)
        wait_until 20 "two-$driver reaches one-$driver by name" knows two-$driver one-$driver
        wait_until 20 "one-$driver reaches the wire" asks one-$driver http://10.67.0.1/ "$address"
        assert_equal "$(ip netns exec wire curl -s -m 5 "http://$address/")" one-$driver "what the wire gets"
        assert_contains "$(inside one-$driver ip route)" "default via 10.67.0.1" "routes with $driver"
        assert_contains "$(nsenter --target "$(payload one-$driver)" --net ip -d link show dev eth0)" "$driver" "interface with $driver"
        stop one-$driver
        stop two-$driver
        systemctl stop on-$driver-network
done

# --- a VLAN on a bridge ---------------------------------------------------------------------------------------------------

manifest tagged.network <<'END'
[Network]
Subnet=10.68.0.0/24
InterfaceName=tagged0
Options=vlan=7
END
serve one-tagged Network=tagged.network PublishPort=8202:80
serve two-tagged Network=tagged.network
reload
start one-tagged
start two-tagged
wait_until 20 "two-tagged reaches one-tagged" knows two-tagged one-tagged
assert_equal "$(curl -s -m 5 http://127.0.0.1:8202/)" one-tagged "a published port in a VLAN"
inside one-tagged ping -c 1 -W 5 10.68.0.1 >/dev/null || fail "the gateway does not answer in a VLAN"
# Beyond the bridge frames have the tag.
ip link add trunk0 type veth peer name trunk1 netns wire
ip link set trunk0 up master tagged0
bridge vlan add dev trunk0 vid 7
ip -n wire link set trunk1 up
ip -n wire link add link trunk1 name tag7 type vlan id 7
ip -n wire link set tag7 up
ip -n wire addr add 10.68.0.99/24 dev tag7
address=$(jq -r '.networks[0].addresses[0] | split("/")[0]' /run/slipway/net/members/one-tagged)
assert_equal "$(ip netns exec wire curl -s -m 5 "http://$address/")" one-tagged "what is got with the tag"
ip -n wire addr del 10.68.0.99/24 dev tag7
ip -n wire addr add 10.68.0.99/24 dev trunk1
assert_equal "$(ip netns exec wire curl -s -m 2 "http://$address/" || true)" "" "what is got without the tag"
stop one-tagged
stop two-tagged

# --- SCTP -----------------------------------------------------------------------------------------------------------------

modprobe sctp
serve talk Network=slipway PublishPort=8203:7000/sctp
reload
start talk
nsenter --target "$(payload talk)" --net socat SCTP4-LISTEN:7000,fork,reuseaddr EXEC:'echo talk' 2>/dev/null &
at_end+=("kill $!")
ip -n wire addr add 192.0.2.2/24 dev eth0
ip addr add 192.0.2.1/24 dev wire0
said() {
        [ "$(ip netns exec wire timeout 3 socat -u SCTP4:192.0.2.1:8203 - 2>/dev/null)" = talk ]
}
wait_until 20 "a port of SCTP leads into the container" said
serve other Network=slipway PublishPort=8203:7000/sctp
reload
start_fails other
assert_status other "port 8203/sctp of the host is published by 'talk' already"
