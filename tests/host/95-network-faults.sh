#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Networks and pods whose makers die or fail: killed at any millisecond and at each of their points, without room for their
# records, and two at once that want the same. What fails says why, what it has made is gone, and the next start works.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/network-lib.sh"
. "$(dirname "$0")/faults-lib.sh"

net=/run/slipway/net
# What fsck would say of other scenarios.
find /var/lib/slipway/userns -type l -delete 2>/dev/null || true

# --- what is there -----------------------------------------------------------------------------------------------------

# All that a network, a container in one or a pod may leave. Free addresses are remembered, which is no leak; and so is
# the subnet that a network has chosen.
state() {
        { ip -j -d addr && ip -j route && nft -j list table inet slipway 2>/dev/null || true; } | jq -rs '
                [.[] | if type == "array" then .[] else .nftables[] end] | map(
                        if .ifname then "\(.ifname) \(.linkinfo.info_kind) \(.master) \(.mtu)",
                                (.ifname as $i | .addr_info[] | select(.scope == "global") | "\($i) \(.local)/\(.prefixlen)")
                        elif .dst then "\(.dst) \(.dev)"
                        else (.set // .map // empty) | "\(.name) \(.elem // [] | sort)" end) | sort[]'
        {
                set +e # what is not there is not found
                find $net -mindepth 2 -not -path "$net/leases/*"
                find /run/slipway/pods /var/lib/cni/networks -mindepth 1 -not -name 'last_reserved_ip*' -not -name lock 2>/dev/null
                grep -rv ' ~' $net/leases 2>/dev/null
                awk '$5 ~ "^/run/slipway/" { print $5 }' /proc/1/mountinfo
                pgrep -a 'slipway-[np]' | cut -d ' ' -f 2-
                true
        } | sort
}
is_as() {
        [ "$(state)" = "$1" ]
}
# The kernel takes its time to take a namespace down: assert_state WANTED WHAT
assert_state() {
        for _ in {1..100}; do
                ! is_as "$1" || return 0
                sleep 0.05
        done
        fail "$2, these are the changes: $(diff <(echo "$1") <(state) || true)"
}
assert_sound() {
        local said
        said=$(slipway fsck --quick 2>&1) || fail "after $1: $said"
        assert_equal "$said" "" "what fsck says after $1"
}
is_settled() {
        case $(systemctl show --property=ActiveState,Job "$1" | paste -sd ' ') in
        *Job=[1-9]*) return 1 ;;
        *ActiveState=active* | *ActiveState=inactive* | *ActiveState=failed*) ;;
        *) return 1 ;;
        esac
}
settle() {
        wait_until 20 "$1 has come to rest" is_settled "$1"
}
reset() {
        systemctl reset-failed "$@" 2>/dev/null || true
}

# --- networks, containers and pods ----------------------------------------------------------------------------------------

manifest first.network <<'END'
[Network]
Subnet=10.95.1.0/24
END
manifest second.network <<'END'
[Network]
Subnet=10.95.2.0/24
Subnet=fd95:2::/64
END
unlimited='
[Unit]
StartLimitIntervalSec=0'
manifest web.container <<END
[Container]
Image=localhost/busybox
Network=first.network:ip=10.95.1.77
Network=second.network
PublishPort=8951:80
AddHost=other:192.0.2.9
Exec=sleep 1000
StopSignal=KILL
$unlimited
END
manifest team.pod <<END
[Pod]
Network=first.network
PublishPort=8952:80
AddHost=other:192.0.2.9
ExitPolicy=continue
$unlimited
END
manifest member.container <<END
[Container]
Image=localhost/busybox
Pod=team.pod
StartWithPod=no
Exec=sleep 1000
StopSignal=KILL
$unlimited
END
manifest group.pod <<END
[Pod]
Network=first.network
PodmanArgs=--share=+pid
ExitPolicy=continue
$unlimited
END
units+=(team-pod.service group-pod.service first-network.service second-network.service)
reload

systemctl start first-network second-network
start web
stop web
systemctl start team-pod
systemctl stop team-pod
systemctl stop second-network first-network
nothing=$(state)
systemctl start first-network second-network
networks=$(state)
systemctl stop first-network second-network
assert_state "$nothing" "networks do not stop clean"

# --- killed at any millisecond ----------------------------------------------------------------------------------------------

# die UNIT VERB MILLISECONDS: what is told of it is the kill, or nothing, when it came too early or too late.
die() {
        systemctl "$2" --no-block "$1"
        sleep "0.$(printf %03d "$3")"
        systemctl kill --signal=KILL "$1" 2>/dev/null || true
        settle "$1"
        reset "$1"
}
for ms in 2 6 12 20; do
        die first-network start $ms
        [ "$(show first-network ActiveState)" = active ] || assert_state "$nothing" "first-network was killed after $ms ms of its start"
        assert_sound "a kill after $ms ms of a start"
        systemctl start first-network || fail "first-network does not start after a kill at $ms ms"
        die first-network stop $ms
        systemctl start first-network || fail "first-network does not start after a stop that was killed at $ms ms"
        die first-network reload $ms
        systemctl restart first-network || fail "first-network does not start again after a kill at $ms ms"
        systemctl stop first-network || fail "first-network does not stop"
        assert_state "$nothing" "after kills at $ms ms"
done
systemctl start first-network second-network
assert_state "$networks" "networks after kills"
for ms in 3 10 20; do
        die team-pod start $ms
        [ "$(show team-pod ActiveState)" = active ] || assert_state "$networks" "team-pod was killed after $ms ms of its start"
        systemctl restart team-pod || fail "team-pod does not start after a kill at $ms ms"
        die team-pod stop $ms
        systemctl restart team-pod || fail "team-pod does not start after a stop that was killed at $ms ms"
        systemctl stop team-pod
        assert_state "$networks" "after kills of a pod at $ms ms"
done
# Rules are there or not, whoever is killed while he makes them.
start web
whole=$(state)
for ms in 2 5 8; do
        nft delete table inet slipway
        $libexec/slipway-net restore &
        sleep 0.00$ms
        kill -KILL $! 2>/dev/null || true
        wait $! 2>/dev/null || true
        ! nft list table inet slipway >/dev/null 2>&1 || is_as "$whole" || fail "rules were restored by halves"
        $libexec/slipway-net restore
        is_as "$whole" || fail "rules are not as they were: $(diff <(echo "$whole") <(state))"
done
stop web
assert_state "$networks" "web does not stop clean"
assert_sound "kills"

# --- no room for records --------------------------------------------------------------------------------------------------

# On a file system of their own there is room for more and more of them: at some time for all.
stop_all() {
        systemctl stop web team-pod first-network second-network
        reset web team-pod first-network second-network
}
# Leaves room for a number of pages, and then for all that is wanted.
leave_room() {
        dd if=/dev/zero of=$net/filler bs=4096 2>/dev/null || true
        truncate -s $(($(stat -c %s $net/filler) - $1 * 4096)) $net/filler
}
# without_room UNIT at-once|start-again: with room for more and more pages, until it starts. What nobody has a record of
# stays leased to him when that cannot be written, and is free for who asks.
without_room() {
        local before pages runs=no said
        before=$(state)
        for ((pages = 0; pages < 24 && ${#runs} == 2; pages++)); do
                leave_room $pages
                runs=yes
                systemctl start "$1" 2>/dev/null || runs=no
                settle "$1"
                [ $runs = yes ] || assert_contains "$(show "$1" StatusText)" "No space left on device" "status of $1 with room for $pages pages"
                [ $runs = no ] || systemctl stop "$1" || fail "$1 does not stop with room for $pages pages"
                rm $net/filler
                reset "$1"
                [ "$2" = start-again ] || assert_state "$before" "$1 had room for $pages pages"
        done
        [ $runs = yes ] && [ $pages -gt 1 ] || fail "$1 needs $pages pages, and so proves nothing"
        systemctl start "$1" || fail "$1 does not start when there is room"
        systemctl stop "$1" || fail "$1 does not stop when there is room"
        assert_state "$before" "$1 had no room"
}
stop_all
mv $net $net.kept
mkdir $net
mount -t tmpfs -o size=256k small $net
cp -a $net.kept/. $net/
without_room first-network at-once
systemctl start first-network second-network
without_room web start-again
without_room team-pod start-again
stop_all
umount $net
rmdir $net
mv $net.kept $net
assert_state "$nothing" "after all that"
assert_sound "a lack of room"

# --- two at once ------------------------------------------------------------------------------------------------------------

# Up and down of the same network, again and again, by units and by hand.
for _ in {1..6}; do
        $libexec/slipway-net up systemd-first --subnet=10.95.1.0/24 &
        one=$!
        $libexec/slipway-net down systemd-first &
        two=$!
        wait $one || fail "up fails beside down"
        wait $two || fail "down fails beside up"
        state >/srv/network-both
        if [ -e $net/networks/systemd-first ]; then
                grep -q '^sw-first bridge' /srv/network-both && grep -q '^sw-first 10.95.1.1/24' /srv/network-both && grep -q '"sw-first"' /srv/network-both ||
                        fail "first is up by halves: $(cat /srv/network-both)"
        else
                ! grep first /srv/network-both || fail "first is down by halves"
        fi
done
$libexec/slipway-net down systemd-first
assert_state "$nothing" "up beside down"
for _ in 1 2 3; do
        systemctl start --no-block first-network
        $libexec/slipway-net down systemd-first
        settle first-network
        systemctl restart first-network || fail "first-network does not start again"
        systemctl stop first-network
done
assert_state "$nothing" "a start beside down"

# Two who want the same port or the same address: one gets it, the other says who has it.
rival() {
        printf '[Container]\nImage=localhost/busybox\nNetwork=first.network%s\n%s\nExec=sleep 1000\nStopSignal=KILL\n%s\n' "$2" "$3" "$unlimited" |
                manifest "$1.container"
}
rival port1 '' PublishPort=8953:80
rival port2 '' PublishPort=8953:81
rival address1 :ip=10.95.1.9 ''
rival address2 :ip=10.95.1.9 ''
sed 's/8952/8953/' /etc/slipway/team.pod >/etc/slipway/port-pod.pod
reload
units+=(port-pod-pod.service)
systemctl start first-network second-network
# only_one UNIT UNIT WORDS: of whom the other is told, with his name in the place of OTHER
only_one() {
        local winner loser owner
        systemctl start --no-block "$1" "$2"
        settle "$1"
        settle "$2"
        winner=$1 loser=$2
        [ "$(show "$1" ActiveState)" = active ] || winner=$2 loser=$1
        assert_equal "$(show "$winner" ActiveState) $(show "$loser" ActiveState)" "active failed" "states of $winner and $loser"
        owner=$winner
        [ "$owner" != port-pod-pod ] || owner=systemd-port-pod
        assert_status "$loser" "${3/OTHER/$owner}"
        reset "$loser"
        systemctl stop "$winner"
        start "$loser"
        stop "$loser"
}
for _ in 1 2; do
        only_one port1 port2 "port 8953/tcp of the host is published by 'OTHER' already"
        only_one port2 port-pod-pod "port 8953/tcp of the host is published by 'OTHER' already"
        only_one address1 address2 "the address 10.95.1.9 of network 'systemd-first' is 'OTHER''s"
done
assert_state "$networks" "two at once"
assert_sound "two at once"

[ -x /srv/faulty/nspawn-glue/net/slipway-net ] || skip "the rest needs a build with fault points (tests/host/run --faulty=)"

# --- at each point ------------------------------------------------------------------------------------------------------------

places=([nspawn-glue/net/slipway-net]=$libexec/slipway-net)
replace_programs
: >/srv/passed

# A network of somebody else's programs, of which two make one interface.
mkdir -p /etc/cni/net.d
at_end+=(remove_cni)
remove_cni() {
        rm -rf /etc/cni /var/lib/cni
        ip link del cni-faults 2>/dev/null || true
}
cat >/etc/cni/net.d/95-faults.conflist <<'END'
{ "cniVersion": "1.0.0", "name": "faults", "plugins": [
        { "type": "bridge", "bridge": "cni-faults", "isGateway": true, "ipam": { "type": "host-local", "subnet": "10.95.3.0/24" } },
        { "type": "tuning", "sysctl": { "net.ipv4.conf.all.log_martians": "1" } } ] }
END
manifest plugged.container <<END
[Container]
Image=localhost/busybox
Network=cni:faults
Network=second.network
PublishPort=8954:80
Exec=sleep 1000
StopSignal=KILL
$unlimited
END
reload

# points_of FILE COMMAND…: what slipway-net comes by for a network, pod or container, and how often, up to twice
points_of() {
        local file=$1 cursor
        shift
        echo '*=trace' >"$choices/$file"
        cursor=$(journalctl --quiet --lines=0 --show-cursor | sed -n 's/^-- cursor: //p')
        "$@"
        rm "$choices/$file"
        journalctl --sync
        journalctl --quiet --output=cat --after-cursor="$cursor" | sed -n 's/^fault-point //p' |
                grep -Fxf /srv/points | sort | uniq -c | awk '{ n = $1 > 2 ? 2 : $1; sub(/^ *[0-9]+ /, ""); print n, $0 }'
}
# What a unit says of what has become of it.
assert_telling() {
        local said
        said=$(systemctl status --no-pager --lines=10 "$1" 2>&1 || true)
        case $2 in
        kill) grep -qE 'signal=KILL|status=9/KILL|was killed|has ended' <<<"$said" ;;
        *) grep -q 'No space left on device' <<<"$said" ;;
        esac || fail "$1 does not tell of $3: $said"
}

# After a start that has failed, all is as before. A stop that has failed may leave something: until the next start, or
# until fsck repairs it.
judge() {
        local unit=$1 verb=$2 runs=$3 action=$4 base=$5 what=$6
        case $verb,$runs in
        start,no)
                assert_telling "$unit" "$action" "$what"
                assert_state "$base" "$what"
                assert_sound "$what"
                ;;
        stop,no) assert_telling "$unit" "$action" "$what" ;;
        stop,yes)
                is_as "$base" || assert_telling "$unit" "$action" "$what"
                slipway fsck --quick --repair >/dev/null || true
                assert_state "$base" "$what, which fsck has to find"
                ;;
        esac
}

# each UNIT FILE VERB: what is done is traced first, and then done with a fault at each point, as often as it is passed; with
# only_new=yes at those that nobody has come by before.
each() {
        local unit=$1 file=$2 verb=$3 base times point action nth runs what
        # The kernel takes its time with the namespace of the last one.
        wait_until 10 "no interface is left" has_no_interface
        base=$(state)
        [ "$verb" = start ] || start "$unit"
        points_of "$file" systemctl "$verb" "$unit" >/srv/by
        [ "$verb" = stop ] || stop "$unit"
        assert_state "$base" "$verb of $unit, with nothing wrong"
        [ -s /srv/by ] || fail "$verb of $unit comes by no point"
        while read -r times point; do
                for action in kill error:ENOSPC; do
                        # Who can be killed at the second time can fail there as well, by the same way.
                        for ((nth = 1; nth <= (${#action} == 4 ? times : 1); nth++)); do
                                what="$action at $point ($nth) in the $verb of $unit"
                                [ "$verb" = start ] || systemctl start "$unit" || fail "$unit does not start before $what"
                                echo "$point=$action@$nth" >"$choices/$file"
                                systemctl "$verb" "$unit" 2>/dev/null || true
                                settle "$unit"
                                rm "$choices/$file"
                                runs=yes
                                [ "$(show "$unit" ActiveState)" != failed ] || runs=no
                                [ "$verb $runs $nth" != "start yes 1" ] || fail "$unit starts in spite of $what"
                                judge "$unit" "$verb" $runs $action "$base" "$what"
                                reset "$unit"
                                systemctl start "$unit" || fail "$unit does not start after $what"
                                systemctl stop "$unit" || fail "$unit does not stop after a good start that followed $what"
                                assert_state "$base" "a good start and stop after $what"
                        done
                done
                echo "$point" >>/srv/passed
        done < <(if [ "${only_new-}" = yes ]; then grep -vwFf /srv/passed /srv/by; else cat /srv/by; fi)
}

systemctl stop first-network second-network
each second-network systemd-second start
each second-network systemd-second stop
systemctl start first-network second-network
each web web start
each web web stop
each team-pod systemd-team start
each team-pod systemd-team stop
only_new=yes each group-pod systemd-group start
# The bridge of the plugin stays.
start plugged
stop plugged
each plugged plugged start
each plugged plugged stop

# Up again with other options: it is as it was when that has failed, and as it is to be after the next try when it was killed.
# change OLD-OPTION…, and the new manifest
change() {
        local old new point action what
        old=$(state)
        cat >/etc/slipway/second.network
        reload
        points_of systemd-second systemctl reload second-network >/srv/by
        new=$(state)
        [ "$new" != "$old" ] || fail "a reload has changed nothing"
        while read -r _ point; do
                for action in kill error:ENOSPC; do
                        what="$action at $point in a reload"
                        $libexec/slipway-net up systemd-second "$@" || fail "it cannot be changed back before $what"
                        assert_state "$old" "a change back before $what"
                        echo "$point=$action@1" >"$choices/systemd-second"
                        ! systemctl reload second-network 2>/dev/null || fail "second-network is reloaded in spite of $what"
                        rm "$choices/systemd-second"
                        assert_active second-network
                        assert_telling second-network "$action" "$what"
                        [ $action = kill ] || assert_state "$old" "$what"
                        systemctl reload second-network || fail "second-network cannot be reloaded after $what"
                        assert_state "$new" "a good reload after $what"
                done
        done </srv/by
}
# To another bridge, as nobody is in it; then to more subnets, with a container.
subnets=(--subnet=10.95.2.0/24 --subnet=fd95:2::/64)
change "${subnets[@]}" <<'END'
[Network]
InterfaceName=sw-other
Subnet=10.95.2.0/24
Subnet=fd95:2::/64
END
start web
change "${subnets[@]}" --interface=sw-other <<'END'
[Network]
InterfaceName=sw-other
Internal=yes
Subnet=10.95.2.0/24
Subnet=fd95:2::/64
Subnet=10.95.4.0/24
END
stop web
systemctl stop first-network second-network

# The kernel here may have no WireGuard; ../vm has one.
assert_equal "$(grep -vE "^(helper:.*|attach:configure the link)$" /srv/points | comm -23 - <(sort -u /srv/passed))" "" "what nothing here comes by"
