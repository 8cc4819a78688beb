#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who reaches whom, by name and by address: three networks, one of them internal and one of IPv6 only, two hosts
# outside, and the administrator's own rules; after a reload, after kills, after a restart of a network, and after fifty
# containers at once.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/network-lib.sh"

make_outside out1 192.0.2 2001:db8:1
make_outside out2 198.51.100 2001:db8:2
admin_rules <<'END'
table inet admin {
        chain input {
                type filter hook input priority filter; policy drop;
                ct state established,related accept
                iifname "lo" accept
                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
        }
        chain forward {
                type filter hook forward priority filter; policy drop;
                ct state established,related accept
                iifname { "sw-front", "sw-six", "sw-front2" } accept
                # With br_netfilter in the kernel, what stays on a bridge comes by here as well.
                iifname "sw-back" oifname "sw-back" accept
                meta l4proto tcp ct original proto-dst { 8001, 8003 } accept
        }
}
END

manifest front.network <<'END'
[Network]
Subnet=10.77.1.0/24
END
manifest front2.network <<'END'
[Network]
Subnet=10.77.4.0/24
END
manifest back.network <<'END'
[Network]
Internal=yes
END
manifest six.network <<'END'
[Network]
Subnet=fd77:6::/64
END

# web NAME NETWORK… : a container that answers with its name
web() {
        local name=$1
        shift
        {
                printf '[Container]\nImage=localhost/busybox\n'
                printf 'Network=%s.network\n' "$@"
                printf 'Exec=sh -c "mkdir /www; echo %s >/www/index.html; exec httpd -f -p 80 -h /www"\n' "$name"
                # shellcheck disable=SC2154
                printf '%s\n' "${ports[$name]-}"
        } | manifest "$name.container"
}
declare -A ports=([front1]=PublishPort=8001:80 [six1]=PublishPort=8003:80 [front2]=PublishPort=8002:80)
web front1 front
web front2 front
web back1 back
web back2 back
web six1 six
web six2 six
web frontback front back
web frontsix front six
web other front2
reload
systemctl start front1 front2 back1 back2 six1 six2 frontback frontsix other ||
        fail "not all start"

names=(front1 front2 back1 back2 six1 six2 frontback frontsix)
declare -A in=([front1]=" front " [front2]=" front " [back1]=" back " [back2]=" back " [six1]=" six " [six2]=" six "
        [frontback]=" front back " [frontsix]=" front six ")

share_network() {
        local network
        for network in ${in[$1]}; do
                [[ ${in[$2]} != *" $network "* ]] || return 0
        done
        return 1
}

answers() {
        [ "$(fetch "http://[$(address_of "$1")]/" || true)$(fetch "http://$(address_of "$1")/" || true)" = "$1" ]
}

# expect WANTED WHAT COMMAND…: beside all others
expect() {
        local wanted=$1 what=$2 got
        shift 2
        {
                got=$("$@")
                [ "$got" = "$wanted" ] || echo "$what is '$got', expected '$wanted'" >>"$wrong"
        } &
        asked+=("$!")
}
wrong=$(mktemp)

# All of it, as often as it should be so.
check_matrix() {
        local from to
        asked=()
        : >"$wrong"
        for to in "${names[@]}"; do
                wait_until 10 "$1: $to answers" answers "$to"
        done
        for from in "${names[@]}"; do
                for to in "${names[@]}"; do
                        if share_network "$from" "$to"; then
                                expect "$to" "what $from gets of $to by name" ask "$from" "http://$to/"
                        else
                                expect "" "what $from gets of $to by name" ask "$from" "http://$to/"
                        fi
                done
                wait "${asked[@]}"
        done
        # By address: an internal network is closed, others are not kept apart, and each has its own family.
        expect "" "back1 from front1" ask front1 "http://$(address_of back1)/"
        expect "" "front1 from back1" ask back1 "http://$(address_of front1)/"
        expect back2 "back2 from back1" ask back1 "http://$(address_of back2)/"
        expect other "other from front1" ask front1 "http://$(address_of other)/"
        expect six2 "six2 from six1" ask six1 "http://[$(address_of six2)]/"
        # From the machine itself, all.
        expect back1 "back1 from the machine" fetch "http://$(address_of back1)/"
        expect six1 "six1 from the machine" fetch "http://[$(address_of six1)]/"
        expect front1 "the published port of front1 on loopback" fetch http://127.0.0.1:8001/
        expect front1 "the same on another address of the machine" fetch http://192.0.2.1:8001/
        # From outside, what is published and what the administrator's rules let pass.
        expect front1 "front1 from out1" from_outside out1 http://192.0.2.1:8001/
        expect front1 "front1 from out2" from_outside out2 http://198.51.100.1:8001/
        expect six1 "six1 from out1" from_outside out1 'http://[2001:db8:1::1]:8003/'
        expect "" "front2 from out1, which no rule accepts" from_outside out1 http://192.0.2.1:8002/
        expect "" "front1 from out1 by its own address" from_outside out1 "http://$(address_of front1)/"
        # To outside, with the machine's address, and not from an internal network.
        expect 192.0.2.1 "out1 from front1" ask front1 http://192.0.2.2:8000/
        expect "[2001:0db8:0001:0000:0000:0000:0000:0001]" "out1 from six1" ask six1 'http://[2001:db8:1::2]:8000/'
        expect "" "out1 from back1" ask back1 http://192.0.2.2:8000/
        # From another container by the machine's address, also by its own.
        expect front1 "front1 from front2 by the machine's address" ask front2 http://192.0.2.1:8001/
        expect front1 "front1 from itself by the machine's address" ask front1 http://192.0.2.1:8001/
        expect front1 "front1 from another network by the same" ask other http://192.0.2.1:8001/
        wait "${asked[@]}"
        [ ! -s "$wrong" ] || fail "$1: $(cat "$wrong")"
}
check_matrix "at first"

systemctl daemon-reload
check_matrix "after a reload"

systemctl reload front-network back-network six-network || fail "networks cannot be reloaded"
check_matrix "after networks were reloaded"

# A network that goes takes its containers along, and they come back as they were.
before=$(address_of front1)
systemctl restart front-network
systemctl start front1 front2 frontback frontsix
assert_equal "$(address_of front1)" "$before" "address of front1 after a restart of its network"
check_matrix "after a restart of the network"

# Whoever is killed while a container starts, and whatever that leaves.
for _ in 1 2 3 4 5 6 7 8; do
        systemctl restart --no-block front1 six1
        for _ in 1 2 3 4 5 6; do
                pkill -KILL -x slipway-net || true
                sleep 0.01
        done
done
wait_until 20 "no job is left" no_jobs
systemctl reset-failed
systemctl restart front1 six1
check_matrix "after kills"

# Fifty at once.
manifest 'crowd@.container' <<'END'
[Container]
Image=localhost/busybox
Network=front.network
NetworkAlias=crowd
PublishPort=80
Exec=sleep 1000
END
reload
mounts=$(wc -l </proc/self/mountinfo)
mapfile -t crowd < <(seq -f 'crowd@%g.service' 1 50)
units+=("${crowd[@]}")
systemctl start "${crowd[@]}" || fail "not all of fifty start"
assert_equal "$(inside front1 grep -c crowd_ /etc/hosts)" 50 "lines of the crowd in /etc/hosts"
check_matrix "beside fifty"
systemctl kill --kill-whom=main --signal=KILL "${crowd[@]}"
systemctl stop "${crowd[@]}" 2>/dev/null || true
systemctl reset-failed
check_matrix "after fifty"
assert_equal "$(grep -c crowd /run/slipway/net/hosts/systemd-front || true)" "$(grep -c '^#.*crowd' /run/slipway/net/hosts/systemd-front || true)" \
        "lines of the crowd that are left"
assert_equal "$(wc -l </proc/self/mountinfo)" "$mounts" "mounts"

systemctl stop "${names[@]/%/.service}" other
assert_nothing_left
systemctl stop front-network front2-network back-network six-network
assert_equal "$(ip -o link show type bridge | wc -l)" "$(ip -o link show | grep -c slipway0 || true)" "bridges that are left"
assert_equal "$(find /run/slipway/net/networks -type f ! -name slipway | wc -l)" 0 "records of networks that are left"
