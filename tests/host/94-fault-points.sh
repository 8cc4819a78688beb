#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Every point at which a program can be made to die or to fail: launcher, init, watcher, cleaner, slipway-stdio, imports,
# removals and the generator. After each, a unit that does not start says why, nothing is left, and the next try works.
# The programs list their points themselves; one that nothing here comes by is a fault of this scenario.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/faults-lib.sh"

[ -x /srv/faulty/nspawn-glue/slipway-nspawn ] || skip "there is no build with fault points (tests/host/run --faulty=)"

places=(
        [nspawn-glue/slipway-nspawn]=$libexec/slipway-nspawn
        [nspawn-glue/slipway-init]=$libexec/root/slipway-init
        [nspawn-glue/stdio/slipway-stdio]=$libexec/slipway-stdio
        [nspawn-glue/health/slipway-health]=$libexec/slipway-health
        [generator/slipway-generator]=/usr/lib/systemd/system-generators/slipway-generator
        [cli/slipway-images]=/usr/bin/slipway
)

replace_programs
[ "$(wc -l </srv/points)" -gt 50 ] || fail "these are not all points: $(cat /srv/points)"

# --- containers that come by all of them together ------------------------------------------------------------------------

mkdir -p /srv/volume /run/credstore
echo secret >/run/credstore/faulty
cp -a "$(slipway inspect localhost/busybox | jq -r '.[0].layers[0].chain_id' |
        sed 's,sha256:\(.*\),/var/lib/slipway/layers/\1/fs,')" /srv/lasting
service='
[Service]
TimeoutStartSec=2
TimeoutStopSec=2

[Unit]
StartLimitIntervalSec=0'
words='Exec=sh -c "echo to the journal >/dev/stdout; exec sleep 1000"'
manifest rich.container <<END
[Container]
Image=localhost/busybox
$words
StopSignal=KILL
User=1:1
GroupAdd=7
WorkingDir=/tmp
Environment=A=B
HostName=rich
RunInit=yes
ReadOnly=yes
NoNewPrivileges=yes
Tmpfs=/scratch
Volume=/srv/volume:/volume:U
Sysctl=net.ipv4.ip_default_ttl=60
Ulimit=nofile=1000
ShmSize=1m
Mask=/proc/version
Secret=faulty
Secret=faulty,type=env
$service
END
manifest lasting.container <<END
[Container]
Rootfs=/srv/lasting
$words
StopSignal=KILL
$service
END
manifest health.container <<END
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
HealthCmd=true
HealthInterval=50ms
$service
END
manifest volume.container <<END
[Container]
Image=localhost/postgresql
Entrypoint=sleep
Exec=1000
RunInit=yes
StopSignal=KILL
$service
[Slipway]
Console=terminal
END
manifest alone.container <<END
[Container]
Image=localhost/busybox
$words
StopSignal=KILL
Network=none
Mount=type=ramfs,destination=/ramfs
Mount=type=devpts,destination=/pts
Sysctl=fs.mqueue.msg_max=20
$service
END
printf '[Pod]\nExitPolicy=continue\n' | manifest team.pod
printf '[Pod]\nExitPolicy=continue\nPodmanArgs=--share=+pid\n' | manifest group.pod
for pod in team group; do
        manifest "of-$pod.container" <<END
[Container]
Image=localhost/busybox
$words
StopSignal=KILL
Pod=$pod.pod
StartWithPod=no
$service
END
done
printf '[Socket]\nListenStream=/run/rich.sock\n' >/run/systemd/system/rich.socket
reload
units+=(rich.socket team-pod.service group-pod.service)
systemctl start rich.socket team-pod group-pod

# A socket could have it started again, and systemctl warns of that.
stop_it() {
        systemctl stop "$1" 2>/dev/null
}

# What a container comes by, in its whole life. What init says before it has the app's standard error comes from the
# cleaner, with the words of systemd-nspawn.
come_by() {
        local cursor
        echo '*=trace' >"$choices/$1"
        cursor=$(journalctl --quiet --lines=0 --show-cursor | sed -n 's/^-- cursor: //p')
        start "$1"
        sleep 0.2
        stop_it "$1"
        stop_it "slipway-stdio@$1.service"
        rm "$choices/$1"
        journalctl --sync
        journalctl --quiet --output=cat --after-cursor="$cursor" |
                sed -En 's/^(systemd-nspawn: )?fault-point //p' | sort -u
}

# --- what is asked after each; processes are the business of fsck -----------------------------------------------------------

mounts=$(wc -l </proc/1/mountinfo)
left() {
        find "/var/lib/slipway/containers/$1" "/run/slipway/containers/$1" "/run/slipway/containers/.$1.new" 2>/dev/null
        find "/run/slipway/containers/.$1.health"* 2>/dev/null
        find /run/slipway/net/members -name "$1" 2>/dev/null
        find /run/slipway/net/hosts -name "~$1" 2>/dev/null
        grep -r " $1\$" /run/slipway/net/leases 2>/dev/null
        return 0
}
assert_nothing_left() {
        local said
        assert_equal "$(left "$1")" "" "what is left of $1 after $2"
        assert_equal "$(wc -l </proc/1/mountinfo)" "$mounts" "number of mounts after $2"
        said=$(slipway fsck --quick 2>&1) || fail "after $2: $said"
        assert_equal "$said" "" "what fsck says after $2"
}

# What a unit says that does not start. The journal need not be opened for that.
assert_telling() {
        local said
        said=$(systemctl status --no-pager --lines=0 "$1" || true)
        case $2 in
        kill) grep -qE 'signal=KILL|status=9/KILL|Status: ".*(killed|ended)|status=137|timeout' <<<"$said" ;;
        error:*) grep -q 'Status: ".*No space left on device' <<<"$said" ;;
        esac || fail "the status of $1 does not tell of $2 at $3: $said"
}

try_container() {
        local name=$1 point=$2 action=$3 what="$3 at $2 of $1" runs=yes
        echo "$point=$action" >"$choices/$name"
        systemctl start "$name" 2>/dev/null || runs=no
        # Whoever enters a container that runs has stages of his own.
        case $(grep -xF "$point" /srv/points) in
        stage:* | init:* | userns:* | promise:* | launch:*)
                [ $runs = no ] || fail "$name starts in spite of $what"
                assert_telling "$name" "$action" "$point"
                ;;
        # Nobody is left who could tell that it has started: that is a matter of TimeoutStartSec=.
        watcher:*) [ $runs = yes ] || assert_telling "$name" "$action" "$point" ;;
        *) [ $runs = yes ] || fail "$name does not start after $what" ;;
        esac
        [ $runs = no ] || stop_it "$name" || fail "$name does not stop after $what"
        rm "$choices/$name"
        systemctl reset-failed "$name" "slipway-stdio@$name.service" 2>/dev/null || true
        # Without a cleaner, the next start cleans.
        [[ $point == clean:* ]] || assert_nothing_left "$name" "$what"

        # What was left is for the next start to find, which is the one that fails; and then for a good one.
        [ "$action" != kill ] || [ "$point" = init:begin ] || return 0
        systemctl start "$name" || fail "$name does not start again after $what"
        assert_active "$name"
        stop_it "$name" || fail "$name does not stop after a start that followed $what"
        assert_nothing_left "$name" "a good start that followed $what"
}

# --- containers -------------------------------------------------------------------------------------------------------------

find /var/lib/slipway/userns -type l -delete 2>/dev/null || true
: >/srv/passed
for name in rich lasting health volume alone of-team of-group; do
        come_by "$name" >"/srv/by-$name"
        assert_nothing_left "$name" "a life in which nothing happened"
        while read -r point; do
                for action in kill error:ENOSPC; do
                        # Nothing can fail yet.
                        [ "$point $action" != "init:begin error:ENOSPC" ] || continue
                        try_container "$name" "$point" "$action"
                done
        done < <(comm -23 "/srv/by-$name" /srv/passed)
        sort -u -o /srv/passed /srv/passed "/srv/by-$name"
done

# --- a pull that a start waits for; there is no way to a registry from here ------------------------------------------------

manifest fetched.container <<END
[Container]
Image=docker.io/library/no-such-image:7
$service
[Service]
TimeoutStartSec=30
END
reload
for point in helper:start helper:wait; do
        for action in kill error:ENOSPC; do
                echo "$point=$action" >"$choices/fetched"
                start_fails fetched
                rm "$choices/fetched"
                systemctl reset-failed fetched
                assert_nothing_left fetched "$action at $point of a start that waits for a pull"
        done
        echo "$point" >>/srv/passed
done
sort -u -o /srv/passed /srv/passed

# --- what changes the store -------------------------------------------------------------------------------------------------

import() {
        SLIPWAY_FAULT_POINT=$1 slipway import oci:/srv/images/oci:nginx-unprivileged localhost/faulty
}
remove() {
        SLIPWAY_FAULT_POINT=$1 slipway rmi localhost/faulty
}
tag() {
        SLIPWAY_FAULT_POINT=$1 slipway tag localhost/faulty localhost/tagged
}
collect() {
        SLIPWAY_FAULT_POINT=$1 slipway gc --all
}
has_image() {
        slipway images | grep -q '^localhost/faulty:'
}
# The store as each of them finds it.
before() {
        slipway rmi localhost/tagged >/dev/null 2>&1 || true
        [ "$1" = import ] || import '' >/dev/null
}
# In a store of their own: fsck reads all that is in it, again and again.
export SLIPWAY_STATE_DIR=/srv/store
for verb in import tag collect remove; do
        before $verb
        "$verb" '*=trace' 2>&1 >/dev/null | sed -n 's/^fault-point //p' | sort -u >"/srv/by-$verb"
        while read -r point; do
                for action in kill error:ENOSPC; do
                        what="$action at $point, in $verb"
                        before $verb
                        # bash would say that it was killed
                        ( "$verb" "$point=$action" ) >/dev/null 2>/srv/said || true
                        said=$(slipway fsck --deep) || fail "after $what: $said"
                        if has_image; then
                                slipway inspect localhost/faulty >/dev/null || fail "half an image is left after $what"
                        fi
                        if [ $action != kill ] && [ -s /srv/said ]; then
                                assert_contains "$(cat /srv/said)" "slipway: " "what is said after $what"
                        fi
                        import '' >/dev/null || fail "the next import fails after $what"
                        "$verb" '' >/dev/null || fail "the next try fails after $what"
                        before remove
                        remove '' >/dev/null || fail "the next removal fails after $what"
                        said=$(slipway fsck --deep) || fail "after a good import that followed $what: $said"
                        assert_equal "$said" "" "what fsck says after a good import that followed $what"
                done
        done < <(comm -23 "/srv/by-$verb" /srv/passed)
        sort -u -o /srv/passed /srv/passed "/srv/by-$verb"
done
unset SLIPWAY_STATE_DIR

# --- the generator ------------------------------------------------------------------------------------------------------------

manifest third.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL

[Install]
WantedBy=multi-user.target
END
reload
start third
mkdir -p /srv/units
SLIPWAY_FAULT_POINT='*=trace' /usr/lib/systemd/system-generators/slipway-generator /srv/units 2>&1 |
        sed -n 's/^fault-point //p' | sort -u >/srv/by-generator
while read -r point; do
        for action in kill error:ENOSPC; do
                what="$action at $point"
                echo "$point=$action" >"$choices/.slipway-generator"
                reload
                # Those that are there are whole, and what runs goes on running.
                for unit in rich lasting health volume third; do
                        if [ -e "/run/systemd/generator/$unit.service" ]; then
                                grep -q '^\[X-Slipway\]$' "/run/systemd/generator/$unit.service" ||
                                        fail "$unit.service is half written after $what"
                        fi
                done
                kill -0 "$(payload third)" || fail "a container has ended with $what"
                rm "$choices/.slipway-generator"
                reload
                assert_active third
                said=$(slipway fsck --quick) || fail "after $what: $said"
                assert_equal "$said" "" "what fsck says after $what"
        done
done </srv/by-generator
sort -u -o /srv/passed /srv/passed /srv/by-generator
stop third

# What is left of the dead is taken over in ../hostile/pull, which walks through all points of slipway-store as well; layers
# are exchanged in ../registry/26-repair.sh. Volumes are the business of 95-volume-faults.sh, and slipway-net that of
# 95-network-faults.sh.
elsewhere='^(volume:.*|aside:have exchanged a layer|change:have adopted a layer|change:leave the draft)$'
assert_equal "$(comm -23 /srv/points /srv/passed | grep -vE "$elsewhere" || true)" "" "what nothing here comes by"
