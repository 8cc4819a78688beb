#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Volumes whose makers die: each point that a volume is made, filled, imported into or removed at. What is there is whole or
# not there, and the next try does it. Several containers at once are one that copies, and others that wait.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/faults-lib.sh"

store=/var/lib/slipway/volumes

# --- several at once ---------------------------------------------------------------------------------------------------

manifest many@.container <<'END'
[Container]
Image=localhost/postgresql
Volume=together:/usr/share
Entrypoint=sleep
Exec=1000
StopSignal=KILL
END
reload
units+=(many@{1..6}.service)
systemctl start many@{1..6}.service
files=$(inside many@1 find /usr/share | wc -l)
[ "$files" -gt 100 ] || fail "this image has too little to copy"
assert_equal "$(find $store/together/data | wc -l)" "$files" "what was copied"
assert_equal "$(jq -r .state $store/together/volume.json)" ready "state"
assert_equal "$(slipway volume ls --json | jq -r '.[] | select(.name == "together").used_by | length')" 6 "users"
systemctl stop many@{1..6}.service

# Killed without a fault point: wherever it was. After that, it is all there.
for delay in 0.01 0.03 0.05 0.08 0.12; do
        slipway volume rm --ignore together
        systemctl start --no-block many@1.service
        sleep $delay
        systemctl kill --signal=KILL many@1.service 2>/dev/null || true
        systemctl stop many@1.service
        systemctl reset-failed many@1.service 2>/dev/null || true
        start many@1
        assert_equal "$(find $store/together/data | wc -l)" "$files" "what was copied after a kill"
        [ ! -e $store/together/copying ] || fail "something is left of copying"
        stop many@1
done

[ -x /srv/faulty/nspawn-glue/slipway-nspawn ] || skip "the rest needs a build with fault points (tests/host/run --faulty=)"

# --- at each point -----------------------------------------------------------------------------------------------------

places=(
        [nspawn-glue/slipway-nspawn]=$libexec/slipway-nspawn
        [nspawn-glue/volume/slipway-volume]=$libexec/slipway-volume
        [cli/slipway-images]=$libexec/slipway-images
        [cli/slipway]=$libexec/slipway
)
replace_programs
grep '^volume:' /srv/points >/srv/volume-points
[ "$(wc -l </srv/volume-points)" -ge 6 ] || fail "these are not all points: $(cat /srv/volume-points)"
: >/srv/passed

manifest filled.container <<'END'
[Container]
Image=localhost/postgresql
Volume=filled:/etc
Entrypoint=sleep
Exec=1000
StopSignal=KILL
[Unit]
StartLimitIntervalSec=0
END
reload
files=0

# There is no half of a volume: who looks sees one that can be read, or none.
assert_readable() {
        slipway volume ls >/dev/null || fail "after $1 a volume cannot be read"
}
for point in volume:fill volume:commit volume:save volume:copied volume:move; do
        for action in kill error:ENOSPC; do
                for nth in 1 2; do
                        slipway volume rm --ignore filled
                        echo "$point=$action@$nth" >"$choices/filled"
                        runs=yes
                        systemctl start filled 2>/dev/null || runs=no
                        rm "$choices/filled"
                        [ $runs = yes ] || grep -qxF $point /srv/passed || echo $point >>/srv/passed
                        [ $runs = no ] || [ $nth = 2 ] || fail "it starts in spite of $action at $point"
                        assert_readable "$action at $point"
                        systemctl stop filled 2>/dev/null
                        systemctl reset-failed filled 2>/dev/null || true
                        start filled
                        n=$(find $store/filled/data | wc -l)
                        [ $files != 0 ] || files=$n
                        assert_equal "$n" $files "what was copied after $action at $point"
                        [ ! -e $store/filled/copying ] || fail "something is left of copying after $action at $point"
                        stop filled
                done
        done
done
assert_equal "$(find $store -maxdepth 1 -name '.draft*')" "" "drafts of the dead"

slipway volume export filled >/srv/filled.tar
for point in volume:filled volume:save volume:move volume:remove; do
        for action in kill error:ENOSPC; do
                slipway volume rm --ignore target
                slipway volume create -q target
                echo old >$store/target/data/old
                replacing=(import --replace target /srv/filled.tar)
                [ $point != volume:remove ] || replacing=(rm target)
                if [ $point = volume:move ]; then
                        rm $store/target/data/old
                        replacing=(import target /srv/filled.tar)
                fi
                echo "$point=$action" >"$choices/.slipway"
                ( slipway volume "${replacing[@]}" ) >/dev/null 2>&1 && fail "${replacing[*]} succeeds in spite of $action at $point"
                rm "$choices/.slipway"
                echo $point >>/srv/passed
                assert_readable "$action at $point"
                case $point in
                volume:remove) [ ! -d $store/target ] || [ -e $store/target/data/old ] || fail "half of it was removed" ;;
                # The next who uses it goes on.
                volume:move)
                        option=
                        [ "$action" = kill ] || option=:nocopy
                        sed "s,filled:.*,target:/etc$option," /etc/slipway/filled.container >/etc/slipway/goes-on.container
                        reload
                        units+=(goes-on.service)
                        start goes-on
                        assert_equal "$(find $store/target/data | wc -l)" $files "what was moved after $action at $point"
                        stop goes-on
                        ;;
                *)
                        [ -e $store/target/data/old ] || [ "$(find $store/target/data | wc -l)" = $files ] ||
                                fail "half of it was imported with $action at $point"
                        ;;
                esac
        done
done
slipway volume rm --ignore target
slipway volume create -q target
assert_equal "$(find $store -maxdepth 1 -name '.draft*')" "" "drafts of the dead, in the end"
assert_equal "$(comm -23 /srv/volume-points <(sort -u /srv/passed))" "" "what nothing here comes by"
