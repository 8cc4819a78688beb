#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# slipway secret: what it makes is what systemd reads, and what goes wrong changes nothing.
. "$(dirname "$0")/lib.sh"

rm -rf /etc/credstore /etc/credstore.encrypted /run/credstore
# --- making them ---------------------------------------------------------------------------------------------------------

printf 'wort-%s' "$RANDOM$RANDOM" >/tmp/word
word=$(cat /tmp/word)
said=$(slipway secret create first /tmp/word 2>&1) || fail "create: $said"
assert_equal "$said" "" "what create says"
slipway secret create second - </tmp/word
slipway secret create --plain third </tmp/word
assert_equal "$(stat -c '%a %U' /etc/credstore /etc/credstore.encrypted | sort -u)" "700 root" "the stores"
assert_equal "$(stat -c '%a %U' /etc/credstore/third /etc/credstore.encrypted/first | sort -u)" "600 root" "the files"
assert_equal "$(systemd-creds decrypt /etc/credstore.encrypted/first - 2>/dev/null)" "$word" "what systemd-creds reads"
assert_equal "$(cat /etc/credstore/third)" "$word" "the plain one"
! grep -q "$word" /etc/credstore.encrypted/* || fail "an encrypted secret is not"
! systemd-creds decrypt --name=other /etc/credstore.encrypted/first - >/dev/null 2>&1 || fail "it opens under another name"

assert_equal "$(slipway secret list --json | jq -c 'map([.name, .kind])')" \
        '[["first","encrypted"],["second","encrypted"],["third","plain"]]' "the list"
assert_contains "$(slipway secret list)" "/etc/credstore.encrypted/first" "the list"
assert_equal "$(slipway secret list --quiet | xargs)" "first second third" "the names"
assert_equal "$(slipway secret list --format '{{.Name}}={{.Kind}}' | xargs)" "first=encrypted second=encrypted third=plain" "a template"
assert_equal "$(slipway secret list --json | jq -r '.[0].changed')" "$(stat -c %Y /etc/credstore.encrypted/first)" "a time"
assert_lacks "$(slipway secret list; slipway secret list --json)" "$word" "the list"

# A terminal is asked, does not show it, and is as before afterwards.
mkfifo /tmp/keys
script -qefc "stty -a >/tmp/before; slipway secret create typed; stty -a >/tmp/after" /tmp/screen </tmp/keys >/dev/null &
exec 9>/tmp/keys
wait_until 5 "it asks" grep -q "Secret typed:" /tmp/screen
printf 'x\025typedd\177-%s\n' "$word" >&9
wait $!
exec 9>&-
assert_lacks "$(cat /tmp/screen)" "$word" "the screen"
assert_equal "$(systemd-creds decrypt /etc/credstore.encrypted/typed - 2>/dev/null)" "typed-$word" "what was typed"
diff /tmp/before /tmp/after || fail "the terminal is not what it was"

# --- one that is there --------------------------------------------------------------------------------------------------

refused() {
        local said
        ! said=$(slipway secret "${@:2}" 2>&1 </tmp/word) || fail "slipway secret ${*:2} succeeds"
        assert_contains "$said" "$1" "what slipway secret ${*:2} says"
        assert_lacks "$said" "$word" "what slipway secret ${*:2} says"
}
refused "there is a secret 'first' already; --replace" create first
refused "there is a secret 'third' already; --replace" create third
echo new | slipway secret create --replace first
assert_equal "$(systemd-creds decrypt /etc/credstore.encrypted/first - 2>/dev/null)" new "the replaced one"
echo new | slipway secret create --replace third
[ ! -e /etc/credstore/third ] || fail "the plain one is still there, beside an encrypted one"

# --- what goes wrong ------------------------------------------------------------------------------------------------------

refused "is not the name of a secret" create ../evil
refused "is not the name of a secret" create .hidden
refused "is not the name of a secret" create "$(printf 'n%.0s' $(seq 241))"
refused "cannot read the secret from '/nowhere'" create lost /nowhere
: >/tmp/empty
refused "is empty" create empty /tmp/empty
head -c 1040385 /dev/zero >/tmp/large
refused "is too large" create large /tmp/large
refused "cannot encrypt the secret" create --with-key=nonsense keyless
refused "what is plain has no key" create --plain --with-key=host both
refused "there is no secret 'nothing'" rm nothing
refused "there is no 'make'" make x
refused "rm has no option --plain" rm --plain first
refused "create has no option --json" create --json x
refused "list takes no arguments" list x
for name in lost empty large keyless both; do
        [ ! -e "/etc/credstore/$name" ] && [ ! -e "/etc/credstore.encrypted/$name" ] || fail "there is a file of $name"
done

# What systemd takes at most can be used, too.
head -c 1040384 /tmp/large >/tmp/largest
slipway secret create --plain largest /tmp/largest
refused "is too large to be encrypted" create largest-encrypted /tmp/largest
head -c 440320 /tmp/large >/tmp/largest
slipway secret create largest-encrypted /tmp/largest
launch heavy-encrypted <<'END'
[Container]
Image=localhost/busybox
Secret=largest-encrypted
Exec=sh -c 'wc -c </run/secrets/largest-encrypted; sleep 1000'
END
assert_journal heavy-encrypted 440320
launch heavy <<'END'
[Container]
Image=localhost/busybox
Secret=largest
Exec=sh -c 'wc -c </run/secrets/largest; sleep 1000'
END
assert_journal heavy 1040384
slipway secret rm largest largest-encrypted

# Two at once: one of them.
for try in 1 2 3 4; do
        (slipway secret create raced <<<"number $try" 2>/dev/null && echo "$try") &
done >/tmp/won
wait
assert_equal "$(wc -l </tmp/won)" 1 "how many have made it"
assert_equal "$(systemd-creds decrypt /etc/credstore.encrypted/raced - 2>/dev/null)" "number $(cat /tmp/won)" "what was made"

# A full disk: the old one stays, and no half of a new one.
mount -t tmpfs -o size=16k,mode=700 tmpfs /etc/credstore
echo old | slipway secret create --plain kept
head -c 100000 /dev/urandom >/tmp/much
refused "No space left" create --plain --replace kept /tmp/much
assert_equal "$(cat /etc/credstore/kept)" old "what was there"
assert_equal "$(ls -A /etc/credstore)" kept "the store"
umount /etc/credstore

slipway secret rm first second third
assert_equal "$(slipway secret list --json | jq -r '.[].name' | sort | xargs)" "raced typed" "what is left"

# --- in a container, from beginning to end -----------------------------------------------------------------------------------

slipway secret create password </tmp/word
launch user <<'END'
[Container]
Image=localhost/busybox
Secret=password,type=env
Exec=sh -c 'echo "length $(printf %%s "$password" | wc -c)"; sleep 1000'
END
assert_journal user "length ${#word}"

# One that was encrypted elsewhere, or for another name, does not open.
mv /etc/credstore.encrypted/password /etc/credstore.encrypted/moved
manifest thief.container <<'END'
[Container]
Image=localhost/busybox
Secret=moved
Exec=sleep 1000
END
reload
start_fails thief
assert_equal "$(show thief ExecMainStatus)" 243 "exit status"
assert_status thief "a secret cannot be decrypted"
assert_journal thief "a secret cannot be decrypted" MESSAGE_ID=078caedb22664e23b96dd288ca88b665
