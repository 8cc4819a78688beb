#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# slipway volume: what is there and who uses it; nothing is removed that is used or was not named; archives of strangers.
. "$(dirname "$0")/lib.sh"

store=/var/lib/slipway/volumes
rm -rf "$store"
assert_equal "$(slipway volume ls --json | jq length)" 0 "volumes without a directory"
! slipway volume rm none 2>/srv/said || fail "what is not there was removed"
assert_contains "$(cat /srv/said)" "there is no volume 'none'"
slipway volume rm --ignore none

# --- made, listed, used, removed ---------------------------------------------------------------------------------------

assert_equal "$(slipway volume create --label=a=b --uid=7 --gid=8 made)" made "what create prints"
! slipway volume create made 2>/srv/said || fail "made twice"
assert_contains "$(cat /srv/said)" "there is a volume 'made' already"
slipway volume create -q --ignore made
manifest used.volume <<'END'
[Volume]
VolumeName=used
END
launch user <<'END'
[Container]
Image=localhost/busybox
Volume=used.volume:/used
Mount=type=volume,source=made,destination=/made
Exec=sleep 1000
END
assert_equal "$(inside user stat -c %u:%g /made)" 7:8 "owner"
listed=$(slipway volume ls --json)
assert_equal "$(jq -r '.[] | select(.name == "used").used_by[0]' <<<"$listed")" user "who uses it"
assert_equal "$(jq -r '.[] | select(.name == "made").labels.a' <<<"$listed")" b "label"
assert_equal "$(slipway volume ls -q | sort | tr '\n' ' ')" "made used " "names"
assert_equal "$(slipway volume inspect made --format '{{.uid}} {{.mountpoint}}')" "7 $store/made/data" "inspect"
assert_equal "$(slipway volume inspect used | jq -r '.[0].unit')" used-volume.service "its unit"
! slipway volume inspect no-such >/dev/null 2>/srv/said || fail "what is not there was inspected"

for name in used made; do
        ! slipway volume rm $name 2>/srv/said || fail "$name was removed in use"
        assert_contains "$(cat /srv/said)" "container 'user' uses it"
done
! slipway volume import made /dev/null 2>/srv/said || fail "imported in use"
assert_contains "$(cat /srv/said)" "container 'user' uses it"
stop user
! slipway volume rm used 2>/srv/said || fail "one whose unit is active was removed"
assert_contains "$(cat /srv/said)" "systemctl stop used-volume.service"
systemctl stop used-volume.service
[ -d $store/used/data ] || fail "the data is gone with the unit"
slipway volume rm used
[ ! -e $store/used ] || fail "it was not removed"

# --- what nobody wants -------------------------------------------------------------------------------------------------

slipway volume create -q stray-one
slipway volume create -q stray-two
slipway volume create -q used
echo 1 >$store/stray-one/data/x
assert_equal "$(slipway volume prune | cut -f1 | tr '\n' ' ')" "stray-one stray-two " "what could be removed"
[ -d $store/stray-one ] || fail "it was removed without having been named"
assert_equal "$(slipway volume prune 'stray-*e' '*d')" stray-one "what was removed"
assert_equal "$(slipway volume ls -q | sort | tr '\n' ' ')" "made stray-two used " "what is left"

# --- out and in --------------------------------------------------------------------------------------------------------

mkdir $store/made/data/directory
echo content >$store/made/data/directory/file
chown 100:200 $store/made/data/directory/file
chmod 2750 $store/made/data/directory
ln -s /etc/passwd $store/made/data/link
chmod 700 $store/made/data
slipway volume export made >/srv/made.tar
cp /srv/made.tar /srv/older.tar
! slipway volume export --output=/srv/older.tar no-such 2>/dev/null || fail "what is not there was exported"
cmp /srv/made.tar /srv/older.tar || fail "an archive is gone that was not begun anew"
slipway volume create -q copy
slipway volume import copy </srv/made.tar
assert_equal "$(cd $store/copy/data && find . -printf '%p %U:%G %m %l\n' | sort)" \
        "$(cd $store/made/data && find . -printf '%p %U:%G %m %l\n' | sort)" "what came of the copy"
assert_equal "$(cat $store/copy/data/directory/file)" content "content"
! slipway volume import copy /srv/made.tar 2>/srv/said || fail "imported over data"
assert_contains "$(cat /srv/said)" "--replace"
touch $store/copy/data/older
slipway volume import --replace copy /srv/made.tar
[ ! -e $store/copy/data/older ] && [ -e $store/copy/data/link ] || fail "what was there was not replaced"
assert_equal "$(ls -A $store/copy | sort | tr '\n' ' ')" "data volume.json work " "what is beside the data"

# --- archives that try to lead out -------------------------------------------------------------------------------------

mkdir -p /srv/outside
mkdir -p /srv/hostile
cd /srv/hostile || exit
echo x >x
ln -s /srv/outside a
ln x y
echo x >$'line\nbreak\e[2J'
long=$(printf 'n%.0s' {1..10240})
tar -cPf /srv/up.tar --transform 's,^x,../../../../../srv/outside/up,' x
tar -cPf /srv/through.tar a
tar -rPf /srv/through.tar --transform 's,^x,a/through,' x
tar -cPf /srv/hard.tar --transform 's,^x,../../../../../etc/passwd,hRS' x y
tar -cPf /srv/long.tar --transform "s,^x,$long," x
tar -cPf /srv/break.tar line*
cd /
for kind in up through hard long; do
        ! slipway volume import --replace copy /srv/$kind.tar 2>/srv/said || fail "$kind was imported"
        assert_equal "$(ls /srv/outside)" "" "what came out by $kind"
        [ -e $store/copy/data/link ] || fail "$kind has spoiled what was there"
        assert_equal "$(ls -A $store/copy | sort | tr '\n' ' ')" "data volume.json work " "what is left by $kind"
done
head -c 1700 /srv/made.tar >/srv/half.tar
! slipway volume import --replace copy /srv/half.tar 2>/dev/null || fail "half an archive was imported"
[ -e $store/copy/data/link ] || fail "half an archive has spoiled what was there"
slipway volume import --replace copy /srv/break.tar
assert_equal "$(find $store/copy/data -type f -print0 | tr -d '\n' | tr '\0' '\n' | wc -l)" 1 "files"

# --- names -------------------------------------------------------------------------------------------------------------

for name in ../../etc '' . .. a/b $'a\nb' "$(printf '%010240d' 0)" -x; do
        ! slipway volume create -- "$name" 2>/dev/null || fail "'$name' was made"
        ! slipway volume rm -- "$name" 2>/dev/null || fail "'$name' was removed"
        ! /usr/libexec/slipway/slipway-volume up "$name" 2>/dev/null || fail "'$name' was made by the helper"
done
assert_equal "$(ls $store | sort | tr '\n' ' ')" "copy made stray-two used " "what is there"
mkdir $store/.draft-1-1 $store/broken
echo '{' >$store/broken/volume.json
! slipway volume ls >/srv/out 2>/srv/said || fail "a broken volume is not told of"
assert_contains "$(cat /srv/said)" "broken/volume.json"
assert_contains "$(cat /srv/out)" copy
slipway volume rm stray-two
[ ! -e $store/.draft-1-1 ] || fail "what the dead have left was not removed"
rm -rf $store/broken
