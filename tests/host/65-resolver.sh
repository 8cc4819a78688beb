#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A responder is started by the first query, in its sandbox, ends by itself, and follows its network.
. "$(dirname "$0")/lib.sh"

dns=/usr/libexec/slipway/slipway-dns
net=/run/slipway/net
trap 'status=$?; "$dns" --stop test; ip link del test0 2>/dev/null; rm -f "$net"/{networks,hosts}/test; (exit $status); finish' EXIT

# A network as slipway-net leaves it.
record() {
        printf '{"name":"test","driver":"bridge","interface":"test0","internal":true,"dns":true,"isolate":"false","subnets":[%s]}' "$1" >$net/networks/test
}
first='{"subnet":"10.99.9.0/24","gateway":"10.99.9.1","first":"10.99.9.1","last":"10.99.9.254"},
        {"subnet":"fd00:99::/64","gateway":"fd00:99::1","first":"fd00:99::1","last":"fd00:99::ffff"}'
second='{"subnet":"10.99.8.0/24","gateway":"10.99.8.1","first":"10.99.8.1","last":"10.99.8.254"}'
mkdir -p $net/{networks,hosts}
record "$first"
echo '10.99.9.5 web' >$net/hosts/test
ip link add test0 type bridge
ip link set test0 up
ip address add 10.99.9.1/24 dev test0
ip address add fd00:99::1/64 dev test0 nodad
ip address add 10.99.8.1/24 dev test0

# The C library asks as a container does, and is told of one server only.
ask() {
        unshare --mount sh -c "echo nameserver $1 >/run/resolv.conf
                mount --bind /run/resolv.conf \"\$(realpath /etc/resolv.conf)\" && RES_OPTIONS=${3-attempts:1} getent ahostsv4 $2" |
                awk '/STREAM/ { print $1 }'
}
[ -e /etc/resolv.conf ] || touch /etc/resolv.conf

$dns --start test
assert_equal "$(show slipway-dns@test.socket ActiveState)" active "the socket"
assert_equal "$(show slipway-dns@test.service ActiveState)" inactive "the service before anybody asks"
assert_equal "$(ask 10.99.9.1 web)" 10.99.9.5 "answer over UDP"
assert_active slipway-dns@test.service
assert_equal "$(ask fd00:99::1 web)" 10.99.9.5 "answer over IPv6"
assert_equal "$(ask 10.99.9.1 web use-vc)" 10.99.9.5 "answer over TCP"
assert_equal "$(ask 10.99.9.1 nobody)" "" "answer about nobody"

# It can do nothing but that.
pid=$(show slipway-dns@test.service MainPID)
[ "$(stat -c %u "/proc/$pid")" != 0 ] || fail "it is root"
assert_equal "$(awk '/^CapBnd/ { print $2 }' "/proc/$pid/status")" 0000000000000000 "capabilities"
assert_equal "$(awk '/^Seccomp:/ { print $2 }' "/proc/$pid/status")" 2 "filter of system calls"

# A second start changes nothing for who has asked, but what has changed is known.
echo '10.99.9.6 more' >>$net/hosts/test
assert_equal "$(ask 10.99.9.1 more)" 10.99.9.6 "answer about who has come"
$dns --start test
assert_equal "$(ask 10.99.9.1 web)" 10.99.9.5 "answer after a second start"

# Nobody asks, nobody is there; killed in the middle, it is back.
wait_until 20 "the responder ends" is_state slipway-dns@test.service inactive
assert_equal "$(ask 10.99.9.1 web)" 10.99.9.5 "answer after silence"
systemctl kill --signal=KILL slipway-dns@test.service
assert_equal "$(ask 10.99.9.1 web attempts:3)" 10.99.9.5 "answer after a violent death"

# Other addresses, the same name. It survives a reload, though it has no file.
record "$second"
$dns --start test
reload
sed -i 's/10.99.9/10.99.8/' $net/hosts/test
assert_equal "$(ask 10.99.8.1 web)" 10.99.8.5 "answer on the new address"
assert_equal "$(ask 10.99.9.1 web)" "" "answer on the old address"

# Port 53 in other hands is said where it is asked for.
$dns --stop test
$dns --stop test
assert_equal "$(show slipway-dns@test.socket LoadState)" not-found "the socket after its stop"
systemd-run --quiet --unit=other --socket-property=ListenStream=0.0.0.0:53 --socket-property=Accept=no true
! said=$($dns --start test 2>&1) || fail "it listens where somebody else does"
assert_contains "$said" "is there another DNS server on port 53"
systemctl stop other.socket
$dns --start test
assert_equal "$(ask 10.99.8.1 web)" 10.99.8.5 "answer when the port is free"
