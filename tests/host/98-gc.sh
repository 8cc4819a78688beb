#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# slipway gc removes what nobody needs and nothing else: whoever may need an image keeps it, a start that is under way as
# well, and a manifest that cannot be read keeps them all. It does so on a disk that is full, and several at once do not
# get in each other's way. slipway df says what there is.
. "$(dirname "$0")/lib.sh"

store=/var/lib/slipway
# Another image of busybox for each name, with a layer of its own: image NAME…
image() {
        local name tree
        for name; do
                tree=$(mktemp -d)
                echo "$name" >"$tree/name"
                head -c 200000 /dev/urandom >"$tree/data"
                tar -C "$tree" -cf "$tree.tar" .
                slipway import "tar:$tree.tar" "localhost/gc-$name" >/dev/null
                rm -rf "$tree" "$tree.tar"
        done
}
id_of() {
        local link
        link=$(readlink "$store/names/localhost%2Fgc-$1:latest") || fail "image $1 is not there"
        basename "$link"
}
# old NAME…: they were of no use for a month
old() {
        local name
        for name; do
                touch -d '-30 days' "$store/images/$(id_of "$name")"
        done
}
is_there() {
        [ -L "$store/names/localhost%2Fgc-$1:latest" ]
}
remain() {
        local name
        for name; do
                is_there "$name" || fail "image $name has been removed"
        done
}
gone() {
        local name
        for name; do
                ! is_there "$name" || fail "image $name is still there"
        done
}
consistent() {
        said=$(slipway fsck --deep) || fail "after $1: $said"
        assert_lacks "$said" unneeded "what fsck says after $1"
        assert_lacks "$said" draft "what fsck says after $1"
}
# The images of other scenarios shall outlast this one.
for name in "$store"/names/*; do
        slipway gc --pin="$(basename "$name" | sed 's,%2F,/,g')" >/dev/null
done
trap 'status=$?; rm -rf '"$store"'/pins; (exit $status); finish' EXIT

# --- who needs what
image named template pinned instance unneeded young byid mounted
cat >/etc/slipway/needs-named.container <<'END'
[Container]
Image=localhost/gc-named
Exec=true
END
# A mistake elsewhere does not matter.
cat >/etc/slipway/needs-byid.container <<END
[Container]
Image=sha256:$(id_of byid)
Imgae=localhost/busybox
Exec=true
END
cat >/etc/slipway/needs-mounted.container <<'END'
[Container]
Image=localhost/busybox
Mount=type=image,source=localhost/gc-mounted,destination=/data
END
slipway gc --pin=localhost/gc-pinned
assert_contains "$(slipway gc --pinned)" "localhost/gc-pinned:latest" "what is pinned"
old named template pinned instance unneeded byid mounted
shown=$(slipway gc --dry-run --json)
assert_equal "$(jq -r '.[] | select(.names[0] == "localhost/gc-named:latest") | "\(.action) \(.why)"' <<<"$shown")" \
        "keep /etc/slipway/needs-named.container" "what becomes of what a manifest asks for"
assert_equal "$(jq -r '.[] | select(.names[0] == "localhost/gc-pinned:latest") | "\(.action) \(.why)"' <<<"$shown")" \
        "keep a pin" "what becomes of what is pinned"
assert_equal "$(jq -r '.[] | select(.names[0] == "localhost/gc-unneeded:latest") | .action' <<<"$shown")" remove "what becomes of the rest"
assert_equal "$(jq -r '.[] | select(.names[0] == "localhost/gc-young:latest") | "\(.action) \(.why)"' <<<"$shown")" \
        "keep was of use recently" "what becomes of the young"
remain named template pinned instance unneeded young byid mounted
assert_contains "$(slipway gc --dry-run)" "/etc/slipway/needs-named.container" "slipway gc --dry-run"
total=$(slipway df --json | jq -r '.[] | select(.type == "images") | .total')
reclaimable=$(slipway df --json | jq -r '.[] | select(.type == "images") | .reclaimable')
[ "$reclaimable" -ge 600000 ] || fail "slipway df says that only $reclaimable bytes can be had"

out=$(slipway gc)
assert_contains "$out" "untagged localhost/gc-unneeded:latest" "slipway gc"
remain named pinned young byid mounted
gone unneeded template instance
consistent "slipway gc"
assert_equal "$(slipway df --json | jq -r '.[] | select(.type == "images") | .total')" $((total - 3)) "images that df counts"
assert_contains "$(slipway df -v)" "localhost/gc-young:latest" "slipway df -v"
journalctl --sync
assert_contains "$(journalctl --quiet --output=cat --since="@$started" MESSAGE_ID=c68208c8c7f34cce9677b425f9797089)" \
        "localhost/gc-unneeded" "the journal"

# A short name may stand for another one.
image aliased
old aliased
mkdir -p /etc/containers
printf '[aliases]\n"shorty" = "localhost/gc-aliased"\n' >/etc/containers/registries.conf
printf '[Container]\nImage=shorty\nExec=true\n' >/etc/slipway/needs-alias.container
slipway gc >/dev/null
remain aliased
rm /etc/slipway/needs-alias.container /etc/containers/registries.conf
slipway gc >/dev/null
gone aliased

# A name with an instance in it may mean any.
cat >/etc/slipway/needs-template@.container <<'END'
[Container]
Image=localhost/gc-%i
Exec=true
END
slipway gc --all >/dev/null
remain named pinned young byid mounted
rm /etc/slipway/needs-template@.container

# --- what cannot be read
old young
ln -s /nonexistent /etc/slipway/needs-what.container
! out=$(slipway gc --all 2>&1) || fail "gc does not mind a manifest that cannot be read"
assert_contains "$out" "/etc/slipway/needs-what.container" "what is said about a manifest that cannot be read"
remain young
rm /etc/slipway/needs-what.container
printf '[Container]\nImage localhost/gc-young\n' >/etc/slipway/needs-what.container
! out=$(slipway gc 2>&1) || fail "gc does not mind a line that cannot be read"
assert_contains "$out" "needs-what.container:2" "what is said about a line that cannot be read"
remain young
rm /etc/slipway/needs-what.container

# --- a container, and one that slipway run has
image running
slipway run --detach --name=gc-running localhost/busybox sleep 1000 >/dev/null
busybox=$(basename "$(readlink "$store/names/localhost%2Fbusybox:latest")")
slipway gc --unpin=localhost/busybox >/dev/null
rm /etc/slipway/needs-*.container
slipway gc --all >/dev/null
[ -d "$store/images/$busybox" ] || fail "the image of a running container is gone"
gone running young named byid mounted
remain pinned
slipway stop gc-running
slipway gc --pin=localhost/busybox >/dev/null

# --- a new image for a name: the one before is kept for a while
image moving
old moving
before=$(id_of moving)
mkdir -p "$store/origins/localhost%2Fgc-moving:latest/$before"
image moving
[ "$(id_of moving)" != "$before" ] || fail "that is the same image"
mkdir -p "$store/origins/localhost%2Fgc-moving:latest/$(id_of moving)"
slipway gc >/dev/null
[ -d "$store/images/$before" ] || fail "the image before is gone at once"
touch -h -d '-10 days' "$store/names/localhost%2Fgc-moving:latest"
slipway gc >/dev/null
[ ! -d "$store/images/$before" ] || fail "the image before stays for ever"
remain moving
slipway rmi localhost/gc-moving >/dev/null
rm -rf "$store/origins/localhost%2Fgc-moving:latest"

# --- room
(
        trap - EXIT
        mount -t tmpfs -o mode=700,size=8M slipway-small "$store"
        trap 'umount -l "$store"' EXIT
        image one two three
        touch -d '-3 hours' "$store/images/$(id_of one)"
        touch -d '-2 hours' "$store/images/$(id_of two)"
        touch -d '-1 hours' "$store/images/$(id_of three)"
        free=$(df --output=avail -B1 "$store" | tail -n 1)
        slipway gc --keep-free="$((free + 100000))" >/dev/null
        gone one
        remain two three
        ! slipway gc --keep-free=1T >/dev/null 2>&1 || fail "an empty disk is promised"
        gone two three

        # A disk without a block to spare.
        image one two
        head -c 8M /dev/zero >"$store/fill" 2>/dev/null || true
        ! head -c 5000 /dev/zero >"$store/more" 2>/dev/null || fail "the disk is not full"
        slipway gc --all >/dev/null || fail "gc does not work on a full disk"
        gone one two
) || fail "with little room"
if [ -e /dev/loop-control ]; then
        truncate -s 16M /srv/gc.img
        mkfs.ext4 -q -F -m 0 /srv/gc.img
        if mount -o loop /srv/gc.img "$store" 2>/dev/null; then
                image one two
                head -c 16M /dev/zero >"$store/fill" 2>/dev/null || true
                for i in $(seq 1000); do
                        mkdir "$store/fill-$i" 2>/dev/null || break
                done
                ! mkdir "$store/fill-more" 2>/dev/null || fail "the disk is not full"
                status=0
                slipway gc --all >/dev/null || status=$?
                left=$(ls "$store/images" "$store/layers")
                umount -l "$store"
                assert_equal "$status" 0 "exit status of gc on an ext4 that is full"
                assert_equal "$(grep -cE '^[0-9a-f]{64}$' <<<"$left")" 0 "images and layers that are left"
        fi
        rm -f /srv/gc.img
fi

# --- starts, imports and collections at the same time
image racing
until_stopped() {
        while [ -e /run/gc-race ]; do
                "$@" || { echo "$*" >>/run/gc-failed; return; }
        done
}
start_one() {
        # Who comes too late for the image brings it again; who has it keeps it.
        slipway run --pull=never --rm localhost/gc-racing true 2>/run/gc-said || grep -q "is not in the store" /run/gc-said
}
collect_all() {
        slipway gc --all >/dev/null 2>/run/gc-why
}
slipway import oci:/srv/images/oci:busybox localhost/gc-racing >/dev/null
slipway gc --unpin=localhost/busybox >/dev/null
slipway rmi localhost/busybox >/dev/null
import_one() {
        slipway import oci:/srv/images/oci:busybox localhost/gc-racing >/dev/null
}
touch /run/gc-race
rm -f /run/gc-failed
until_stopped start_one &
until_stopped collect_all &
until_stopped collect_all &
until_stopped import_one &
sleep 8
rm /run/gc-race
wait
[ ! -e /run/gc-failed ] || fail "failed: $(cat /run/gc-failed); $(cat /run/gc-said /run/gc-why)"
slipway gc --all >/dev/null
consistent "starts, imports and collections at the same time"

# What has just come stays, whoever collects by age.
touch /run/gc-race
until_stopped slipway gc >/dev/null &
for i in 1 2 3 4 5 6; do
        import_one
        slipway run --pull=never --rm localhost/gc-racing true || fail "an image that has just come is gone"
        slipway rmi localhost/gc-racing >/dev/null
done
rm /run/gc-race
wait
slipway import oci-archive:/srv/images/busybox.oci.tar localhost/busybox >/dev/null

# --- as the timer has it
image unneeded
old unneeded
systemctl start slipway-gc.service || fail "slipway-gc.service does not start: $(journal slipway-gc.service)"
gone unneeded
assert_journal slipway-gc.service "untagged localhost/gc-unneeded:latest"
[ "$(systemctl is-enabled slipway-gc.timer || true)" = disabled ] || fail "the timer is on by default"
systemctl start slipway-gc.timer
systemctl stop slipway-gc.timer
