#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# All types of Mount=, changes on top of what is mounted (O), and volumes that go with the container.
. "$(dirname "$0")/lib.sh"

mkdir -p /srv/lower/sub /srv/glob/one.d /srv/changes/upper /srv/changes/work
echo low >/srv/lower/file
echo 1 >/srv/glob/a.conf
echo 2 >/srv/glob/b.conf
echo 3 >/srv/glob/c.txt
chown 33:33 /srv/lower/sub

launch types <<'END'
[Container]
Image=localhost/busybox
Mount=type=tmpfs,destination=/tmpfs,tmpfs-size=1m,tmpfs-mode=0711
Mount=type=ramfs,destination=/ramfs,ramfs-mode=0750
Mount=type=devpts,destination=/pts,mode=0600
Mount=type=bind,source=/srv/lower,destination=/bind,ro
Mount=type=volume,source=sorts,destination=/volume
Mount=type=volume,destination=/anonymous
Mount=type=image,source=localhost/postgresql,destination=/image
Mount=type=image,source=localhost/postgresql,destination=/sub,subpath=etc
Mount=type=image,source=localhost/scratch,destination=/changed,rw
Mount=type=glob,source=/srv/glob/*.conf,destination=/confs
Mount=type=glob,source=/srv/glob/*.d
Volume=/srv/lower:/over:O
Volume=/srv/lower:/kept:O,upperdir=/srv/changes/upper,workdir=/srv/changes/work
Volume=sorts:/over-volume:O
Exec=sleep 1000
END
assert_equal "$(inside types stat -c %a /tmpfs /ramfs | tr '\n' ' ')" "711 750 " "modes"
assert_contains "$(inside types cat /proc/mounts)" "/ramfs ramfs"
assert_contains "$(inside types grep ' /tmpfs ' /proc/mounts)" "size=1024k"
[ "$(inside types ls /pts)" = ptmx ] || fail "there is no devpts: $(inside types ls /pts)"
! inside types touch /bind/no 2>/dev/null || fail "a read-only bind can be written"
inside types touch /volume/yes /anonymous/yes
assert_contains "$(inside types cat /image/etc/os-release)" Debian
assert_equal "$(inside types stat -c %u:%g /image/etc/shadow)" 0:42 "owner in an image"
! inside types touch /image/no 2>/dev/null || fail "an image can be written"
assert_equal "$(inside types cat /sub/debian_version)" "$(inside types cat /image/etc/debian_version)" "a part of an image"
inside types touch /changed/yes
assert_equal "$(inside types ls /confs | tr '\n' ' ')" "a.conf b.conf " "what fits a pattern"
assert_equal "$(inside types ls /srv/glob)" one.d "what fits a pattern, in its place"
! slipway rmi localhost/postgresql 2>/dev/null || fail "an image that is mounted was removed"
grep -c . /var/lib/slipway/containers/types/image | grep -qx 4 || fail "not all images are claimed"

# Changes go on top, for who makes them.
assert_equal "$(inside types stat -c %u:%a /over/sub)" 33:755 "owner below"
inside types sh -c 'echo high >/over/file; rm -r /over/sub; touch /over/new; chown 7 /over/new'
assert_equal "$(cat /srv/lower/file)" low "what is below"
[ -d /srv/lower/sub ] && [ ! -e /srv/lower/new ] || fail "changes have got through"
inside types sh -c 'echo kept >/kept/file; touch /over-volume/no'
[ ! -e /var/lib/slipway/volumes/sorts/data/no ] || fail "changes have got through to the volume"
assert_equal "$(cat /srv/changes/upper/file) $(stat -c %u /srv/changes/upper/file)" "kept 0" "changes that stay"
systemctl restart types
assert_equal "$(inside types cat /over/file)" low "changes after a restart"
assert_equal "$(inside types cat /kept/file)" kept "changes that stay, after a restart"
assert_equal "$(inside types ls /anonymous)" "" "an anonymous volume after a restart"
stop types
[ ! -e /var/lib/slipway/containers/types ] || fail "something is left: $(find /var/lib/slipway/containers/types)"
slipway volume rm sorts

# --- what cannot be ----------------------------------------------------------------------------------------------------

refuse() {
        manifest refused.container <<END
[Container]
Image=localhost/busybox
$1
Exec=true
END
        reload
        start_fails refused
        assert_status refused "$2"
        systemctl reset-failed refused
}
refuse "Mount=type=glob,source=/srv/none*,destination=/x" "nothing that fits '/srv/none*'"
refuse "Mount=type=image,source=localhost/none,destination=/x" "localhost/none"
refuse "Mount=type=image,source=localhost/postgresql,destination=/x,subpath=none" "cannot open 'none' in image"
refuse "Mount=type=volume,source=sorts,destination=/x,subpath=none" "cannot open 'none' in 'sorts'"
refuse "Volume=/srv/lower/file:/x:O" "/srv/lower/file"
refuse "Volume=/srv/lower:/x:O,upperdir=/srv/none/u,workdir=/srv/none/w" "/srv/none"
refuse "Volume=/srv/lower:/x:O,upperdir=/srv/changes/upper,workdir=/srv/lower/w" "in the same one"
refuse "Volume=/srv/lower:/x:rshared" "UserNS=host"
refuse "Mount=type=artifact,source=a,destination=/x" "artifact"

# A link in a volume or an image is no way out, however it is asked for.
mkdir -p /var/lib/slipway/volumes/sorts/data
ln -s /srv/lower /var/lib/slipway/volumes/sorts/data/out
ln -s ../../../../../../../srv/lower /var/lib/slipway/volumes/sorts/data/up
refuse "Mount=type=volume,source=sorts,destination=/x,subpath=out" "cannot open 'out' in 'sorts'"
refuse "Mount=type=volume,source=sorts,destination=/x,subpath=up" "cannot open 'up' in 'sorts'"
ln -s /etc /srv/changes/link
refuse "Volume=/srv/lower:/x:O,upperdir=/srv/changes/link,workdir=/srv/changes/work" "/srv/changes/link"

# --- mounts that the host sees -----------------------------------------------------------------------------------------

mkdir -p /srv/shared/place
mount --bind /srv/shared /srv/shared
mount --make-shared /srv/shared
launch sharing <<'END'
[Container]
Image=localhost/busybox
UserNS=host
AddCapability=SYS_ADMIN
SeccompProfile=unconfined
Volume=/srv/shared:/shared:rshared
Exec=sleep 1000
END
within() {
        nsenter --target "$(payload sharing)" --mount --root "$@"
}
within mount -t tmpfs tmpfs /shared/place
assert_contains "$(cat /proc/1/mountinfo)" /srv/shared/place
within umount /shared/place
assert_lacks "$(cat /proc/1/mountinfo)" /srv/shared/place
stop sharing
umount /srv/shared

# --- without a manifest ------------------------------------------------------------------------------------------------

cd /srv/lower || exit
assert_equal "$(slipway run --rm -v ./:/here:ro -v ran:/ran -v /gone --mount type=image,src=localhost/postgresql,dst=/i,subpath=etc \
        localhost/busybox sh -c 'cat /here/file; touch /ran/x /gone/x; ls /i/debian_version')" "low
/i/debian_version" "slipway run"
[ -e /var/lib/slipway/volumes/ran/data/x ] || fail "slipway run has made no volume"
