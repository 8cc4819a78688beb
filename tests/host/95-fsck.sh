#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# slipway fsck finds each kind of damage, repairs what it can, and has nothing to say about a host that is well, however
# busy it is.
. "$(dirname "$0")/lib.sh"

store=/var/lib/slipway
fsck() {
        local expected=$1 status=0
        shift
        found=$(slipway fsck "$@" 2>/srv/said) || status=$?
        assert_equal "$status" "$expected" "exit status of slipway fsck $*, which says: $found; $(cat /srv/said)"
}
assert_clean() {
        fsck 0 "$@"
        assert_equal "$found" "" "what slipway fsck $* says about a host that is well"
}
kinds() {
        jq -r '.[].kind' <<<"$found" | sort -u | tr '\n' ' '
}

# Leases of the scenarios before are those of containers that have no manifest any more, which is no fault.
find $store/userns -type l -delete 2>/dev/null || true
assert_clean --deep

# --- what is repaired
slipway import oci:/srv/images/oci:scratch localhost/damaged >/dev/null
slipway import oci:/srv/images/oci:busybox localhost/broken >/dev/null
ln -s "../images/$(printf %064d 1)" "$store/names/localhost%2Fgone:latest"
mkdir -p $store/tmp/dead/deep "$store/containers/zombie/upper" "$store/layers/$(printf %064d 2)/fs"
echo x >"$store/blobs/sha256/$(printf %064d 3)"
echo UNIT=zombie.service >/run/slipway/containers/ghost
touch /run/slipway/containers/.half.new /run/slipway/containers/.ill.health
mkdir -p /run/slipway/stdio /run/slipway/workspace
mkfifo /run/slipway/stdio/nobody.out
mount -t tmpfs slipway /run/slipway/workspace
fsck 4 --json
assert_equal "$(kinds)" "blob-unneeded draft-left fifo-left health-left layer-unneeded mount-left name-dangling record-half \
record-left state-left " "kinds of findings"
assert_equal "$(jq 'map(select(.repaired)) | length' <<<"$found")" 0 "number of repairs without --repair"
[ -e $store/containers/zombie ] || fail "a check changes something"
fsck 1 --repair
assert_contains "$found" "repaired"
assert_clean --deep

# --- networks and pods of nobody
manifest left.network <<'END'
[Network]
Subnet=10.95.1.0/24
END
manifest left.pod <<'END'
[Pod]
Network=left.network
ExitPolicy=continue
END
manifest left.container <<'END'
[Container]
Image=localhost/busybox
Network=left.network
Exec=sleep 1000
StopSignal=KILL
END
units+=(left-pod.service left-network.service)
reload
start left
start left-pod
assert_clean --quick
stop left
net=/run/slipway/net
echo 10.95.1.99 nobody >>$net/leases/systemd-left
printf '# networks: systemd-left\n' >$net/hosts/~nobody
printf '# networks: systemd-left+systemd-gone\n' >$net/hosts/systemd-left+systemd-gone
echo nameserver 192.0.2.1 >$net/resolv/nobody
mkdir -p $net/cni $net/cni-netns /run/slipway/pods/half
echo '{"attachments":[]}' >$net/cni/nobody
touch $net/cni-netns/nobody $net/cni-netns/unheard
unshare --net=/run/slipway/pods/half/net true 2>/dev/null || { touch /run/slipway/pods/half/net && unshare --net=/run/slipway/pods/half/net true; }
ip link add sw-gone type bridge
ip link set sw-gone alias slipway:systemd-gone
ip link add sw-old type bridge
ip link set sw-old alias slipway:systemd-left
ip link add others type bridge
ip link set others alias "a bridge of somebody else"
fsck 4 --json --quick
assert_equal "$(jq -r '.[] | .kind + " " + .subject' <<<"$found" | sort)" "address-left $net/leases/systemd-left
bridge-left sw-gone
bridge-left sw-old
names-left $net/hosts/systemd-left+systemd-gone
names-left $net/hosts/~nobody
names-left $net/resolv/nobody
plugins-left $net/cni-netns/nobody
plugins-left $net/cni-netns/unheard
plugins-left $net/cni/nobody
pod-left /run/slipway/pods/half" "what there is of networks and pods for nobody"
assert_contains "$(jq -r '.[] | select(.subject == "sw-old") | .detail' <<<"$found")" systemd-left "whose bridge it was"
fsck 1 --repair --quick
assert_clean --quick
assert_contains "$(cat $net/leases/systemd-left)" "10.95.1.99 ~nobody" "the lease of nobody"
ip link show others >/dev/null || fail "a bridge of others is removed"
ip link show sw-left >/dev/null || fail "the bridge of a network that is up is removed"
[ -e /run/slipway/pods/systemd-left/pod ] || fail "a pod that is up is removed"
ip link del others

# A pod with a record, whose unit was killed with all that would have taken it back.
cp -a /run/slipway/pods/systemd-left/pod /srv/pod
stop left-pod
mkdir -p /run/slipway/pods/systemd-left
mv /srv/pod /run/slipway/pods/systemd-left/
fsck 4 --json --quick
assert_equal "$(kinds)" "pod-left " "a pod whose unit does not run"
# Who interrupts a repair wants no other one; this one waits for somebody.
flock $net/lock sleep 1000 &
holder=$!
status=0
timeout --preserve-status --signal=INT 5 slipway fsck --repair --quick >/dev/null 2>/srv/said || status=$?
kill "$(pgrep -P $holder)"
assert_equal "$status $(cat /srv/said)" "8 slipway: interrupted; what was repaired stays so, and 'slipway fsck --repair' does the rest" "a repair that is interrupted"
fsck 1 --repair --quick
[ ! -e /run/slipway/pods/systemd-left ] || fail "the pod is still there"
stop left-network
rm -f /etc/slipway/left.*
find $store/userns -type l -delete
reload

# --- what a person has to decide about
id=$(slipway inspect localhost/broken | jq -r '.[0].id')
layer=$(slipway inspect localhost/broken | jq -r '.[0].layers[-1].chain_id')
mv "$store/layers/${layer#sha256:}/fs" /srv/fs
fsck 4 --repair --json
assert_equal "$(kinds)" "layer-missing " "kinds of findings without a layer"
mv /srv/fs "$store/layers/${layer#sha256:}/fs"
mv "$store/layers/${layer#sha256:}/layer.json" /srv/
fsck 4 --json
assert_equal "$(kinds)" "layer-undescribed " "kinds of findings without a description"
mv /srv/layer.json "$store/layers/${layer#sha256:}/"
assert_clean

id=$(slipway inspect localhost/damaged | jq -r '.[0].id')
document=$store/images/${id#sha256:}/config.json
cp "$document" /srv/config.json
sed -i 's/"architecture"/"Architecture"/' "$document"
fsck 4 --json --deep
assert_contains "$(kinds)" "blob-damaged" "kinds of findings with a document that is another"
rm "$document"
fsck 4
assert_contains "$found" "is not whole" "what is said of an image without a config"
assert_contains "$found" "slipway rmi --force ID" "what to do about an image"
slipway rmi --force "${id#sha256:}" >/dev/null
slipway import oci:/srv/images/oci:scratch localhost/scratch >/dev/null
slipway rmi localhost/broken >/dev/null
assert_clean --deep

mkdir -p $store/userns
ln -s web $store/userns/7
ln -s web $store/userns/524288
ln -s web $store/userns/589824
fsck 4 --json
assert_equal "$(kinds)" "lease-strange lease-twice lease-unowned " "kinds of findings about leases"
rm $store/userns/{7,524288,589824}

# --- units
manifest late.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
END
fsck 0 --json
assert_equal "$(kinds)" "unit-missing " "kinds of findings before a reload"
reload
assert_clean
sed -i 's/1000/2000/' /etc/slipway/late.container
fsck 0 --json
assert_equal "$(kinds)" "unit-stale " "kinds of findings after a change"
rm /etc/slipway/late.container
fsck 0 --json
assert_equal "$(kinds)" "unit-orphan " "kinds of findings without the manifest"
reload
assert_clean

# A process that has got into the group of a unit that is gone.
launch alive <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
END
for root in /sys/fs/cgroup /sys/fs/cgroup/systemd; do
        group=$root$(show slipway.slice ControlGroup)
        [ ! -e "$group/cgroup.procs" ] || break
done
mkdir "$group/lost.service"
sleep 1000 &
echo $! >"$group/lost.service/cgroup.procs"
fsck 4 --json
assert_equal "$(kinds)" "processes-left " "kinds of findings with a lost process"
kill $!
wait $! 2>/dev/null || true
rmdir "$group/lost.service"
assert_clean
stop alive

# --- a host that is busy, and well: containers come and go, images too, and units are loaded again
for i in 1 2 3 4; do
        manifest "busy-$i.container" <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c "echo works; exec sleep 0.2"

[Service]
Restart=always
RestartSec=10ms

[Unit]
StartLimitIntervalSec=0
END
done
reload
systemctl start --no-block busy-{1..4}
touch /srv/busy
(
        while [ -e /srv/busy ]; do
                slipway import oci:/srv/images/oci:scratch localhost/comes >/dev/null
                slipway rmi localhost/comes >/dev/null
                systemctl daemon-reload
                systemctl restart busy-2
        done
) &
for i in $(seq 8); do
        assert_clean
done
rm /srv/busy
wait || fail "what keeps the host busy has failed"
systemctl stop busy-{1..4}
assert_clean
