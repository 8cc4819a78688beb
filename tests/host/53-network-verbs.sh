#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What slipway network, slipway pod, slipway list, slipway inspect and slipway fsck say of networks and pods.
. "$(dirname "$0")/lib.sh"

manifest shown.network <<'END'
[Network]
Subnet=10.78.1.0/24
Label=tier=front
END
manifest chosen.network <<'END'
[Network]
Internal=yes
END
manifest shown-web.container <<'END'
[Container]
Image=localhost/busybox
Network=shown.network:ip=10.78.1.77,alias=www
Network=chosen.network
PublishPort=127.0.0.1:8078:80
PublishPort=8079-8080:90-91/udp
Exec=sleep 1000
StopSignal=KILL
END
manifest shown-stack.pod <<'END'
[Pod]
Network=shown.network
PublishPort=8081:81
HostName=box
END
manifest shown-app.container <<'END'
[Container]
Image=localhost/busybox
Pod=shown-stack.pod
Exec=sleep 1000
StopSignal=KILL
END
manifest shown-lazy.container <<'END'
[Container]
Image=localhost/busybox
Pod=shown-stack.pod
StartWithPod=no
Exec=sleep 1000
StopSignal=KILL
END
reload

net() {
        slipway network inspect systemd-shown | jq -r ".[0] | $1"
}
pod() {
        slipway pod inspect systemd-shown-stack | jq -r ".[0] | $1"
}

# --- before anything runs
assert_equal "$(slipway list --quiet 'shown*' | tr '\n' ' ')" "shown-app shown-lazy shown-web " "containers, and no networks"
assert_equal "$(slipway network ls --format '{{.Name}} {{.State}} {{.Unit}}' | grep shown)" \
        "systemd-shown inactive shown-network.service" "a network that was never up"
assert_contains "$(slipway network ls --quiet)" slipway "networks that there are"
assert_equal "$(net '.state, .driver, .members' | tr '\n' ' ')" "inactive null [] " "a network that is not up"
assert_equal "$(pod '.state, .hostname, (.containers | length)' | tr '\n' ' ')" "inactive null 2 " "a pod that is not up"

# --- what is up
slipway pod start shown-stack || fail "the pod does not start"
wait_active shown-app
systemctl start shown-web || fail "the container does not start"
assert_equal "$(net '.state, .driver, .interface, .internal, .subnets[0].subnet, .labels[0]' | tr '\n' ' ')" \
        "active bridge sw-shown false 10.78.1.0/24 tier=front " "a network that is up"
assert_equal "$(net '.members | map([.name, .kind, .unit, .addresses[0]] | join(" ")) | join(", ")')" \
        "shown-web container shown-web.service 10.78.1.77/24, systemd-shown-stack pod shown-stack-pod.service $(pod '.networks[0].addresses[0]')" \
        "who is in it"
assert_contains "$(net '.members[0].names | join(" ")')" www "names of a member"
assert_equal "$(net '.leases | map(select(.free | not) | .owner) | sort | join(" ")')" "shown-web systemd-shown-stack" "leases"
assert_equal "$(slipway network ls --json | jq -r '.[] | select(.name == "systemd-shown") | .members | join(" ")')" \
        "shown-web systemd-shown-stack" "members in the list"
for word in shown shown.network shown-network shown-network.service systemd-shown; do
        assert_equal "$(slipway network inspect -f '{{.Name}}' "$word" 2>/dev/null || slipway network inspect --format '{{.Name}}' "$word")" \
                systemd-shown "a network called $word"
done
assert_equal "$(pod '.state, .hostname, .ports[0].host, .own_network' | tr '\n' ' ')" "active box 8081 true " "a pod that is up"
assert_equal "$(pod '.containers | map(.name + " " + .state) | join(", ")')" "shown-app active, shown-lazy inactive" "its containers"
assert_contains "$(slipway pod ps --no-trunc)" "shown-app, shown-lazy (inactive)" "containers in the list of pods"
assert_contains "$(slipway pod ls --no-trunc)" "0.0.0.0:8081->81/tcp" "ports in the list of pods"

field() {
        slipway list --json 'shown*' | jq -r ".[] | select(.name == \"$1\") | $2"
}
assert_equal "$(field shown-web '.addresses[0]')" 10.78.1.77 "address in the list"
assert_equal "$(field shown-web '.networks | join(" ")')" "systemd-shown systemd-chosen" "networks in the list"
assert_equal "$(field shown-app '.pod')" systemd-shown-stack "pod in the list"
assert_equal "$(field shown-app '.ports[0].host')" 8081 "ports of the pod in the list"
assert_equal "$(field shown-lazy '.ports')" "[]" "ports of what does not run"
assert_contains "$(slipway list --no-trunc)" "127.0.0.1:8078->80/tcp, 0.0.0.0:8079-8080->90-91/udp" "column of ports"
assert_equal "$(slipway inspect shown-web | jq -r '.[0].networks | map(.network + " " + .interface) | join(", ")')" \
        "systemd-shown eth0, systemd-chosen eth1" "networks of a container"
assert_equal "$(slipway inspect shown-app | jq -r '.[0] | .pod, .networks[0].addresses[0]' | tr '\n' ' ')" \
        "systemd-shown-stack $(pod '.networks[0].addresses[0]') " "a container in a pod"

# Whoever is nobody sees the same, and cannot remove anything.
assert_contains "$(setpriv --reuid 65534 --regid 65534 --clear-groups slipway network ls)" 10.78.1.0/24 "list for anybody"
assert_contains "$(setpriv --reuid 65534 --regid 65534 --clear-groups slipway network rm shown 2>&1)" "only root" "removal by anybody"

# --- removal
refused=$(slipway network rm shown 2>&1) && fail "a network in use is removed"
assert_contains "$refused" "'shown-web', 'systemd-shown-stack' are in network 'systemd-shown'" "who is in its way"
assert_active shown-network
subnet=$(jq -r '.subnets[0]' /var/lib/slipway/networks/systemd-chosen)
assert_contains "$(slipway network ls --no-trunc)" "$subnet" "the subnet that was chosen"
slipway network rm --force chosen.network || fail "a network cannot be removed by force"
assert_equal "$(show shown-web ActiveState)" inactive "state of the container of a network that was removed"
[ ! -e /var/lib/slipway/networks/systemd-chosen ] || fail "the subnet is remembered"
slipway pod restart shown-stack || fail "the pod does not start again"
assert_equal "$(pod '.state')" active "a pod that was restarted"
wait_active shown-app
slipway pod stop shown-stack || fail "the pod does not stop"
assert_equal "$(show shown-app ActiveState)" inactive "state of the container of a pod that was stopped"
slipway network rm shown || fail "a network cannot be removed"
[ ! -e /run/slipway/net/leases/systemd-shown ] || fail "leases are remembered"
slipway network rm nothing 2>/dev/null && fail "what is not there can be removed"

# --- what fails to come up leaves nothing behind: there is no IPv6 with packets so small
manifest small.network <<'END'
[Network]
Subnet=fd78:9::/64
Options=mtu=1000
END
reload
start_fails small-network
assert_status small-network "cannot bring up network 'systemd-small': cannot make the bridge 'sw-small'"
[ ! -e /run/slipway/net/networks/systemd-small ] || fail "there is a record of a network that is not up"
[ ! -e /run/slipway/net/hosts/systemd-small ] || fail "there is a hosts file of a network that is not up"
! ip link show sw-small >/dev/null 2>&1 || fail "there is a bridge of a network that is not up"

# --- what nobody has any more
ghost() {
        cat >/run/slipway/net/members/ghost <<END
{"owner":"ghost","kind":"container","unit":"ghost.service","hosts":"slipway","networks":[{"network":"slipway","interface":"eth0","mac":"","addresses":["10.208.0.9/16"],"names":["ghost"],"metric":0,"default_route":true}],"ports":[{"protocol":"tcp","address":"127.0.0.1","host":8078,"container":80,"count":1}]}
END
        grep -q ghost /run/slipway/net/leases/slipway 2>/dev/null || echo 10.208.0.9 ghost >>/run/slipway/net/leases/slipway
}
systemctl start slipway-network
ghost
nft add element inet slipway publish4-at '{ 127.0.0.1 . tcp . 8078 : 10.208.0.9 . 80 }'
systemctl start shown-web || fail "a port of who is gone cannot be published"
[ ! -e /run/slipway/net/members/ghost ] || fail "who is gone has a record beside who has its port"
assert_contains "$(nft list map inet slipway publish4-at)" 10.78.1.77 "whose port it is"
stop shown-web
sed -i /ghost/d /run/slipway/net/leases/slipway
ghost
echo '{' >/run/slipway/net/members/broken
status=0
found=$(slipway fsck --quick --json) || status=$?
assert_equal "$status" 4 "exit status of fsck"
assert_contains "$(jq -r '.[] | .kind + " " + .subject' <<<"$found")" "network-left /run/slipway/net/members/ghost" "what fsck finds"
assert_contains "$(jq -r '.[] | .kind + " " + .subject' <<<"$found")" "network-unreadable /run/slipway/net/members/broken" "what fsck finds"
rm /run/slipway/net/members/broken
slipway fsck --quick --repair >/dev/null || true
[ ! -e /run/slipway/net/members/ghost ] || fail "the record is still there"
assert_contains "$(cat /run/slipway/net/leases/slipway)" "10.208.0.9 ~ghost" "the lease of who is gone"
