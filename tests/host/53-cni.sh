#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Networks of CNI, with the plugins that Debian has: names, ports, addresses, files; beside networks of ours, and in
# pods; what they give is given back, however a container ends and whatever has become of their configuration.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/network-lib.sh"

[ -x /usr/lib/cni/bridge ] || skip "containernetworking-plugins is not installed"
mkdir -p /etc/cni/net.d /opt/cni/bin
clean_up() {
        rm -rf /etc/cni /opt/cni /var/lib/cni
        for bridge in cni-front cni-back; do
                ip link del $bridge 2>/dev/null || true
        done
}
at_end+=(clean_up)
no_leases() {
        [ -z "$(find "/var/lib/cni/networks/$1" -name '[0-9]*' 2>/dev/null)" ]
}
nothing_of_cni() {
        assert_nothing_left
        assert_equal "$(find /run/slipway/net/cni /run/slipway/net/cni-netns /run/slipway/net/resolv -type f | wc -l)" 0 "records that are left"
        ! grep -q /run/slipway/net/cni-netns /proc/self/mounts || fail "a network namespace is left"
        for network in front back old; do
                no_leases $network || fail "a lease of $network is left"
        done
}

# Whether iptables works is up to the kernel of this machine.
masquerade=false ports=''
if iptables -t nat -A POSTROUTING -m comment --comment try -s 192.0.2.1 -j MASQUERADE 2>/dev/null; then
        iptables -t nat -D POSTROUTING -m comment --comment try -s 192.0.2.1 -j MASQUERADE
        masquerade=true ports='{ "type": "portmap", "capabilities": { "portMappings": true } },'
fi
cat >/etc/cni/net.d/10-front.conflist <<END
{
        "cniVersion": "1.0.0",
        "name": "front",
        "plugins": [
                {
                        "type": "bridge", "bridge": "cni-front", "isGateway": true, "ipMasq": $masquerade, "hairpinMode": true,
                        "ipam": {
                                "type": "host-local",
                                "ranges": [ [ { "subnet": "10.88.1.0/24" } ], [ { "subnet": "fd88:1::/64" } ] ],
                                "routes": [ { "dst": "0.0.0.0/0" }, { "dst": "::/0" } ]
                        },
                        "dns": { "nameservers": [ "192.0.2.53" ], "search": [ "front.example" ], "options": [ "ndots:3" ] }
                },
                $ports
                { "type": "tuning", "capabilities": { "mac": true }, "sysctl": { "net.ipv4.conf.all.log_martians": "1" } }
        ]
}
END
cat >/etc/cni/net.d/20-back.conf <<'END'
{
        "cniVersion": "0.4.0", "name": "back", "type": "bridge", "bridge": "cni-back", "isGateway": true,
        "ipam": { "type": "host-local", "subnet": "10.88.2.0/24", "routes": [ { "dst": "192.0.2.0/24" } ] }
}
END
# As rkt had it.
cat >/etc/cni/net.d/30-old.json <<'END'
{ "name": "old", "type": "ptp", "ipam": { "type": "host-local", "subnet": "172.16.28.0/24", "routes": [ { "dst": "0.0.0.0/0" } ] } }
END

answers() {
        [ "$(fetch "$1")" = "$2" ]
}

serve one Network=cni:front NetworkAlias=uno PublishPort=8101:80 AddHost=machine:host-gateway AddHost=fixed:192.0.2.9
serve two Network=cni:front
serve both Network=slipway Network=cni:back PublishPort=8102:80
serve back Network=cni:back:ip=10.88.2.77 PublishPort=8103:80
serve old Network=cni:old DNS=192.0.2.54
reload
start one
start two
start both
start back
start old

# Addresses, names, files.
wait_until 10 "one answers" answers "http://$(address_of one)/" one
assert_equal "$(ask two http://one/)" one "what two gets of one by name"
assert_equal "$(ask two http://uno/)" one "what two gets of one by its alias"
assert_equal "$(ask one http://two/)" two "what one gets of two by name"
assert_equal "$(jq -r '.networks[0].addresses | length' /run/slipway/net/members/one)" 2 "addresses of one"
assert_contains "$(inside one ip addr show dev eth0)" fd88:1:: "addresses of eth0"
assert_equal "$(inside one cat /proc/sys/net/ipv4/conf/all/log_martians)" 1 "what the plugin 'tuning' has set"
hosts=$(inside one cat /etc/hosts)
assert_contains "$hosts" "10.88.1.1 machine" "/etc/hosts of one"
assert_contains "$hosts" "10.88.1.1 host.containers.internal host.docker.internal" "/etc/hosts of one"
assert_contains "$hosts" "192.0.2.9	fixed" "/etc/hosts of one"
assert_contains "$(inside two cat /etc/hosts)" "10.88.1.1 host.containers.internal" "/etc/hosts of two"
assert_equal "$(inside two grep -v '^#' /etc/hosts | grep -c ffff || true)" 0 "lines of /etc/hosts that still wait"
assert_equal "$(inside two grep -c host.docker.internal /etc/hosts)" 2 "lines of the machine, with the one that has waited"
resolv=$(inside two cat /etc/resolv.conf)
assert_contains "$resolv" "nameserver 192.0.2.53" "/etc/resolv.conf of two"
assert_contains "$resolv" "search front.example" "/etc/resolv.conf of two"
assert_contains "$resolv" "options ndots:3" "/etc/resolv.conf of two"
resolv=$(inside old cat /etc/resolv.conf)
assert_equal "$(grep nameserver <<<"$resolv")" "nameserver 192.0.2.54" "servers of old, which was given one"
assert_contains "$(inside old ip route)" default "routes of old"
! inside two sh -c 'echo x >>/etc/resolv.conf' 2>/dev/null || fail "a container can write the file that was made for it"

# Ports: by the plugin that has that capability, else by rules of ours.
if [ $masquerade = true ]; then
        wait_until 5 "port 8101" answers http://127.0.0.1:8101/ one
        assert_lacks "$(nft list table inet slipway)" 8101 "rules of ours, where the plugin has some"
else
        assert_contains "$(nft list table inet slipway)" 8101 "rules of ours, where no plugin has any"
fi
make_outside out1 192.0.2 2001:db8:1
wait_until 5 "port 8101 from outside" eval '[ "$(from_outside out1 http://192.0.2.1:8101/)" = one ]'
wait_until 5 "port 8103 from outside" eval '[ "$(from_outside out1 http://192.0.2.1:8103/)" = back ]'
assert_equal "$(fetch http://127.0.0.1:8102/)" both "port of a container whose first network is ours"

# A fixed address; interfaces in order; names on both sides.
assert_equal "$(address_of back)" 10.88.2.77 "address of back"
assert_equal "$(jq -c '[.networks[] | [.network, .interface]]' /run/slipway/net/members/both)" '[["slipway","eth0"],["cni:back","eth1"]]' "interfaces of both"
assert_equal "$(ask both http://back/)" back "what both gets of back"
assert_equal "$(ask back http://both/)" both "what back gets of both"
assert_equal "$(ask two http://back/)" "" "what two gets of another network"

# As verbs show it: what is configured, and who is in it.
echo '{ "name": "spare", "type": "ptp" }' >/etc/cni/net.d/40-spare.conf
assert_equal "$(slipway network ls --format '{{.Name}} {{.State}} {{.Driver}} {{.Source}}' | grep '^cni:')" \
        "cni:back active cni /etc/cni/net.d/20-back.conf
cni:front active cni /etc/cni/net.d/10-front.conflist
cni:old active cni /etc/cni/net.d/30-old.json
cni:spare inactive cni /etc/cni/net.d/40-spare.conf" "networks of CNI"
assert_equal "$(slipway network ls --json | jq -r '.[] | select(.name == "cni:back") | .members | join(" ")')" "back both" "members in the list"
assert_equal "$(slipway network inspect back | jq -r '.[0] | .name, .state, .driver, .file, .configuration.plugins[0].bridge, (.members | map(.name) | join(" "))' | tr '\n' ' ')" \
        "cni:back active cni /etc/cni/net.d/20-back.conf cni-back back both " "a network of CNI"
assert_equal "$(slipway network inspect cni:spare | jq -c '.[0] | [.state, .configuration.name, .members, .unit]')" '["inactive","spare",[],null]' "one that nobody is in"
refused=$(slipway network rm --force cni:spare 2>&1) && fail "a network of CNI is removed"
assert_contains "$refused" "the network 'cni:spare' is not Slipway's: it is there as long as '/etc/cni/net.d/40-spare.conf' is" "refusal"
[ -e /etc/cni/net.d/40-spare.conf ] || fail "a file of others is removed"
mv /etc/cni/net.d/20-back.conf /etc/cni/net.d/20-back.off
assert_equal "$(slipway network ls --json | jq -c '.[] | select(.name == "cni:back") | [.state, .source, .members]')" '["active",null,["back","both"]]' "one whose file is gone"
refused=$(slipway network rm cni:back 2>&1) && fail "a network of CNI without a file is removed"
assert_contains "$refused" "goes with the last who is in it" "refusal"
mv /etc/cni/net.d/20-back.off /etc/cni/net.d/20-back.conf
rm /etc/cni/net.d/40-spare.conf

# Started again, and with its address: leases of host-local are given one after the other.
systemctl restart one || fail "one does not start again"
wait_until 10 "two finds one again" asks two http://one/ one
kill -9 "$(show one MainPID)"
wait_state one failed
[ ! -e /run/slipway/net/cni/one ] || fail "a container that was killed leaves a record"
assert_lacks "$(find /var/lib/cni/networks/front -name '10.*' -exec cat {} +)" slipway-one "leases after a kill"
systemctl reset-failed one
start one
wait_until 10 "two finds one after a kill" asks two http://one/ one

# The configuration goes while they run: what was given is given back with the one that it was given with.
mv /etc/cni/net.d/20-back.conf /root/
stop back
stop both
no_leases back || fail "leases of a network whose configuration has gone"
start_fails back
assert_status back "no file in '/etc/cni/net.d' is of a network 'back'; there are: front, old"
mv /root/20-back.conf /etc/cni/net.d/
systemctl reset-failed back

# The power fails: the books of host-local outlive it, and records of ours do not.
lease=$(grep -l slipway-two /var/lib/cni/networks/front/10.*)
kept=$(cat "$lease")
stop two
printf %s "$kept" >"$lease"
start two
wait_until 10 "two answers" answers "http://$(address_of two)/" two
assert_equal "$(grep -l slipway-two /var/lib/cni/networks/front/10.* | wc -l)" 1 "leases of two"

# What goes wrong is told, and nothing is left of it.
stop one
stop two
stop old
nothing_of_cni
wrong() {
        cat >/etc/cni/net.d/90-wrong.conflist
        serve wrong Network=cni:wrong
        reload
        start_fails wrong
        assert_status wrong "$1"
        systemctl reset-failed wrong
        nothing_of_cni
}
plugin() {
        cat >"/opt/cni/bin/$1"
        chmod +x "/opt/cni/bin/$1"
}
wrong "is no JSON" <<<'{ "name": "wrong", '
wrong "there is no plugin 'nobody' in /usr/lib/cni:/opt/cni/bin" \
        <<<'{ "cniVersion": "1.0.0", "name": "wrong", "plugins": [ { "type": "nobody" } ] }'
plugin broken <<'END'
#!/bin/sh
[ "$CNI_COMMAND" = DEL ] && exit 0
echo '{ "cniVersion": "1.0.0", "code": 107, "msg": "no switch", "details": "the cable\u001b[31m is out" }'
exit 1
END
wrong "the plugin 'broken' has failed: no switch: the cable?[31m is out (code 107)" \
        <<<'{ "cniVersion": "1.0.0", "name": "wrong", "plugins": [ { "type": "broken" } ] }'
# One that has failed behind one that has not: that gives back what it has given.
wrong "no switch" <<'END'
{ "cniVersion": "1.0.0", "name": "wrong", "plugins": [
        { "type": "bridge", "bridge": "cni-front", "ipam": { "type": "host-local", "subnet": "10.88.3.0/24" } },
        { "type": "broken" } ] }
END
no_leases wrong || fail "a lease of an attempt that has failed is left"
plugin loud <<'END'
#!/bin/sh
cat >/dev/null
[ "$CNI_COMMAND" = DEL ] && exit 0
echo 'not known to us' >&2
env >/run/loud-environment
ls /proc/self/fd >/run/loud-descriptors
exit 3
END
wrong "the plugin 'loud' has failed: not known to us" <<<'{ "name": "wrong", "type": "loud" }'
assert_lacks "$(cat /run/loud-environment)" INVOCATION_ID "environment of a plugin"
assert_contains "$(cat /run/loud-environment)" CNI_CONTAINERID=slipway-wrong "environment of a plugin"
plugin liar <<'END'
#!/bin/sh
[ "$CNI_COMMAND" = DEL ] || echo '{ "cniVersion": "1.0.0", "ips": [ { "address": "10.88.1.999/24" } ] }'
END
wrong "it gives an address that is none: '10.88.1.999/24'" <<<'{ "name": "wrong", "type": "liar" }'
plugin deaf <<'END'
#!/bin/sh
[ "$CNI_COMMAND" = DEL ] || echo '{ "cniVersion": "1.0.0", "interfaces": [ { "name": "eth0", "sandbox": "x" } ], "ips": [ { "address": "10.88.1.9/24", "interface": 0 } ] }'
END
echo '{ "cniVersion": "1.0.0", "name": "wrong", "plugins": [ { "type": "deaf" } ] }' >/etc/cni/net.d/90-wrong.conflist
serve wrong Network=cni:wrong:ip=10.88.1.10
reload
start_fails wrong
assert_status wrong "the plugins of network 'cni:wrong' have not given the address 10.88.1.10"
serve wrong Network=cni:front:metric=7
reload
start_fails wrong
assert_status wrong "the routes of network 'cni:front' are the business of its plugins"

# A plugin that cannot give back is tried again, and keeps nobody from starting.
plugin sticky <<'END'
#!/bin/sh
if [ "$CNI_COMMAND" = DEL ]; then
        echo "del $CNI_IFNAME" >>/run/sticky
        [ -e /run/sticky-lets-go ] && exit 0
        echo '{ "code": 11, "msg": "busy" }'
        exit 1
fi
echo "add $CNI_IFNAME" >>/run/sticky
echo '{ "cniVersion": "1.0.0" }'
END
rm -f /run/sticky-lets-go /run/sticky
echo '{ "cniVersion": "1.0.0", "name": "wrong", "plugins": [ { "type": "sticky" } ] }' >/etc/cni/net.d/90-wrong.conflist
serve wrong Network=cni:wrong
reload
start wrong
stop wrong
assert_equal "$(tr '\n' ' ' </run/sticky)" "add eth0 del eth0 " "calls of a plugin"
assert_journal wrong "cannot take back what network 'cni:wrong' has given to 'wrong': the plugin 'sticky' has failed: busy (code 11, try again later)"
[ -e /run/slipway/net/cni/wrong ] || fail "it will not be tried again"
/usr/libexec/slipway/slipway-net restore
assert_equal "$(tail -n 1 /run/sticky)/$(wc -l </run/sticky)" "del eth0/3" "calls of a plugin after another try"
touch /run/sticky-lets-go
start wrong
stop wrong
nothing_of_cni

# Who executes a plugin is killed meanwhile: the plugin goes, and what it may have done is taken back.
plugin slow <<'END'
#!/bin/sh
echo "$CNI_COMMAND" >>/run/slow
[ "$CNI_COMMAND" = DEL ] && exit 0
exec sleep 1000
END
echo '{ "cniVersion": "1.0.0", "name": "wrong", "plugins": [ { "type": "slow" } ] }' >/etc/cni/net.d/90-wrong.conflist
rm -f /run/slow
systemctl start --no-block wrong
wait_until 20 "the plugin is executed" grep -q ADD /run/slow
pkill -9 -x -f '/usr/libexec/slipway/slipway-net attach wrong [0-9]*'
wait_state wrong failed
assert_equal "$(tr '\n' ' ' </run/slow)" "ADD DEL " "calls of a plugin that was killed"
! pgrep -f 'sleep 1000' >/dev/null || fail "a plugin is left behind"
systemctl reset-failed wrong
nothing_of_cni

# In a pod, and by hand.
manifest team.pod <<'END'
[Pod]
PodName=team
Network=cni:front
PublishPort=8104:80
END
units+=(team-pod.service)
serve member Pod=team.pod
reload
start member
wait_until 5 "port 8104 from outside" eval '[ "$(from_outside out1 http://192.0.2.1:8104/)" = member ]'
assert_contains "$(inside member cat /etc/resolv.conf)" "nameserver 192.0.2.53" "/etc/resolv.conf of a member"
assert_contains "$(inside member cat /etc/hosts)" "10.88.1.1 host.containers.internal" "/etc/hosts of a member"
assert_equal "$(slipway run --rm --network cni:front localhost/busybox wget -q -O - http://member/)" member "what slipway run gets"
stop member
stop team-pod
nothing_of_cni
