#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Files go into containers and out of them, whatever they are, and whatever the container does meanwhile.
. "$(dirname "$0")/lib.sh"

work=$(mktemp -d)
cd "$work"
cp_fails() {
        local told
        told=$(slipway cp "${@:2}" 2>&1) && fail "slipway cp ${*:2} works"
        assert_contains "$told" "$1" "what slipway cp ${*:2} says"
}

launch filed <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'mkdir /srv; exec sleep 1000'
StopSignal=KILL
Tmpfs=/small:size=1m
END
wait_until 5 "there is a directory" inside filed test -d /srv
base=$(awk -F= '$1 == "BASE" { print $2 }' /run/slipway/containers/filed)

# --- in and out again: all that a file can be
mkdir -p tree/sub tree/empty
echo text >tree/file
ln tree/file tree/sub/hard
ln -s /etc/passwd tree/link
ln -s nowhere tree/broken
mkfifo tree/fifo
truncate -s 64M tree/sparse
echo end >>tree/sparse
head -c 3000000 /dev/urandom >tree/large
touch "tree/$(printf 'odd \377 \n name')" 'tree/-rf'
setfattr -n user.note -v kept tree/file 2>/dev/null || true
chmod 4751 tree/large
chmod 640 tree/file
touch -d '2020-02-02 02:02:02' tree/file tree/sub
chown 1234:1234 tree/file

slipway cp tree filed:/srv/
slipway cp filed:/srv/tree back
diff -r --no-dereference -x fifo tree back || fail "what came back is not what went in"
[ -p back/fifo ] || fail "the FIFO is none any more"
assert_equal "$(stat -c %h,%a,%Y back/file)" "2,640,$(stat -c %Y tree/file)" "links, mode and time of a file"
assert_equal "$(stat -c %Y back/sub)" "$(stat -c %Y tree/sub)" "time of a directory"
[ "$(du -k back/sparse | cut -f 1)" -lt 1000 ] || fail "the hole is filled"
assert_equal "$(stat -c %u:%g:%a back/large)" "0:0:751" "owner and mode of a copy"
assert_equal "$(inside filed stat -c %u:%g:%a /srv/tree/file)" "0:0:640" "owner inside"
assert_equal "$(inside filed stat -c %a /srv/tree/large)" "751" "mode inside"
slipway cp -a tree filed:/kept
assert_equal "$(inside filed stat -c %u:%g:%a /kept/file)" "1234:1234:640" "kept owner"
assert_equal "$(inside filed stat -c %a /kept/large)" "4751" "kept mode"
slipway cp --archive filed:/kept/file kept
assert_equal "$(stat -c %u:%g kept)" 1234:1234 "kept owner outside"

# --- names: as docker cp has it
slipway cp tree/file filed:/srv/named
assert_equal "$(inside filed cat /srv/named)" text "a file under another name"
slipway cp tree/. filed:/srv/tree/empty
assert_equal "$(inside filed cat /srv/tree/empty/file)" text "the contents of a directory"
slipway cp filed:/srv/tree/link .
assert_equal "$(readlink link)" /etc/passwd "a link is copied as such"
slipway cp -L filed:/srv/tree/link followed
assert_contains "$(cat followed)" "root:x:0:0" "what a link leads to, inside"
slipway cp filed:/etc/passwd - | tar x -O | grep -q root: || fail "there is no archive on standard output"
tar c tree/file | slipway cp - filed:/tmp
assert_equal "$(inside filed cat /tmp/tree/file)" text "an archive from standard input"
slipway cp filed:/srv/tree/file filed.service:/srv/twice
assert_equal "$(inside filed cat /srv/twice)" text "a copy within a container"

# --- mistakes
cp_fails "there is no 'filed:/none'" filed:/none .
cp_fails "there is no directory for 'filed:/none/x'" tree/file filed:/none/x
cp_fails "'tree' is a directory, and 'filed:/srv/named' is none" tree filed:/srv/named
cp_fails "there is no directory 'filed:/none/'" tree/file filed:/none/
cp_fails "'tree/file/' is no directory" tree/file/ filed:/srv
cp_fails "neither 'a' nor 'b' is in a container" a b
cp_fails "there is no container 'fild', did you mean 'filed'" tree/file fild:/
cp_fails "'filed:/srv/tree/sub' is a directory, and cannot become something else" - filed:/srv/tree \
        < <(mkdir -p one && echo x >one/sub && tar c -C one sub)
cp_fails "leads upwards" - filed:/srv < <(tar cP --transform 's,^,../,' tree/file)
cp_fails "the archive is damaged" - filed:/srv < <(head -c 2000 /dev/urandom)
cp_fails "No space left on device" tree/large filed:/small/
[ -z "$(inside filed ls -A /small)" ] || fail "half a file is left"
mkdir devices
mknod devices/null c 1 3
cp_fails "'filed:/srv/devices/null' is left out" devices filed:/srv
told=$(slipway cp filed:/dev/null devnull 2>&1) && fail "a device comes out"
assert_contains "$told" "left out" "a device"
[ ! -e devnull ] || fail "a device came out"

launch filed-ro <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
ReadOnly=yes
StopSignal=KILL
END
cp_fails "read-only" tree/file filed-ro:/etc
slipway cp tree/file filed-ro:/tmp/ # a tmpfs
slipway cp filed-ro:/tmp/file - >/dev/null

# --- who does it: the container's root without anything of the host's, whom nobody inside can see
mkfifo slow
slipway cp - filed:/srv <slow &
exec 9>slow
worker=
find_worker() {
        worker=$(pgrep -P "$!")
        [ -n "$worker" ] && [ "$(awk '/^Uid:/ { print $2 }' "/proc/$worker/status")" = "$base" ]
}
wait_until 5 "somebody works in the container" find_worker
assert_equal "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' "/proc/$worker/status")" "$base $base $base $base" "users"
assert_equal "$(awk '/^Groups:/ { print $2 }' "/proc/$worker/status")" "" "groups"
assert_equal "$(awk '/^NoNewPrivs:/ { print $2 }' "/proc/$worker/status")" 1 "no new privileges"
assert_equal "$(awk '/^CapEff:/ { print $2 }' "/proc/$worker/status")" 000000008000001b "capabilities"
assert_equal "$(readlink "/proc/$worker/ns/user")" "$(readlink "/proc/$(payload filed)/ns/user")" "user namespace"
assert_equal "$(readlink "/proc/$worker/ns/mnt")" "$(readlink /proc/self/ns/mnt)" "mount namespace"
assert_lacks "$(inside filed ps)" "slipway" "processes seen inside"
exec 9>&-
wait

# --- a container that exchanges what is copied, all the time (CVE-2018-15664)
mkdir -p /var/tmp/outside/d
echo secret >/var/tmp/outside/d/f
chmod 600 /var/tmp/outside/d/f
launch filed-racer <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'mkdir -p /race/d /race/e; echo inside >/race/d/f; echo inside >/race/e/f; ln -s /var/tmp/outside/d /race/l; cd /race; while :; do mv d x; mv -T l d; mv -T d l; mv x d; done'
StopSignal=KILL
END
launch filed-racer-host <<'END'
[Container]
Image=localhost/busybox
UserNS=host
Exec=sh -c 'mkdir -p /race/d /race/e; echo inside >/race/d/f; echo inside >/race/e/f; ln -s /var/tmp/outside/d /race/l; cd /race; while :; do mv d x; mv -T l d; mv -T d l; mv x d; done'
StopSignal=KILL
END
for name in filed-racer filed-racer-host; do
        mkdir got-$name
        for i in $(seq 60); do
                slipway cp $name:/race/d/f got-$name/$i 2>/dev/null || true
                slipway cp -L $name:/race/d got-$name/d$i 2>/dev/null || true
                slipway cp tree/file $name:/race/d/f 2>/dev/null || true
                tar c -C tree file | slipway cp - $name:/race/d 2>/dev/null || true
        done
        [ -n "$(ls got-$name)" ] || fail "nothing at all was copied"
        ! grep -r secret got-$name || fail "a file of the host was copied by $name"
        assert_equal "$(cat /var/tmp/outside/d/f)" secret "the file of the host"
        assert_equal "$(ls /var/tmp/outside/d)" f "files of the host"
        stop $name
done

# --- diff and export
launch changed <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'rm /bin/vi; echo x >>/etc/passwd; mkdir -p /new/deep; echo y >/new/deep/file; touch "/new/a b" "$(printf "/new/line\\nbreak")"; rm -r /etc/network 2>/dev/null; exec sleep 1000'
Volume=/var/tmp/outside:/mnt/volume
Tmpfs=/scratch
StopSignal=KILL
END
is_changed() {
        [ "$(slipway diff changed | grep -c /new/)" -ge 4 ]
}
wait_until 5 "all is changed" is_changed
changes=$(slipway diff changed)
for line in 'D /bin/vi' 'C /etc' 'C /etc/passwd' 'A /new' 'A /new/deep/file' 'A /new/a b' 'A /new/line\012break'; do
        grep -qxF "$line" <<<"$changes" || fail "there is no '$line' among the changes: $changes"
done
assert_lacks "$changes" "hosts" "changes"
assert_lacks "$changes" "/scratch" "changes"
assert_lacks "$changes" "/proc" "changes"
slipway diff --json changed | jq -e '.[] | select(.path == "/new/line\nbreak" and .change == "A")' >/dev/null ||
        fail "JSON has another name"

slipway export changed -o changed.tar
listed=$(tar t -f changed.tar 2>/dev/null)
assert_contains "$listed" "new/deep/file" "the archive"
assert_contains "$listed" "bin/busybox" "the archive"
assert_lacks "$listed" "bin/vi" "the archive"
assert_lacks "$listed" "mnt/volume/d" "the archive"
assert_equal "$(tar x -O -f changed.tar new/deep/file)" y "a file of the archive"
assert_equal "$(tar tv -f changed.tar new/deep/file | awk '{ print $2 }')" 0/0 "an owner as the container has it"
slipway export changed | cmp - changed.tar || fail "the same tree gives another archive"
slipway import "rootfs:changed.tar" localhost/exported 2>/dev/null || slipway import changed.tar localhost/exported ||
        fail "what was exported cannot be imported"
told=$(slipway export changed -o /proc/nothing 2>&1) && fail "an archive is written to nowhere"
assert_contains "$told" "cannot write to '/proc/nothing'" "a place that cannot be written to"
rm -rf "$work" /var/tmp/outside
