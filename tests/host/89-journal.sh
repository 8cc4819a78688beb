#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What an app writes is in the journal as it was written, with whose words they are: by its streams and by name.
. "$(dirname "$0")/lib.sh"

# entry_of UNIT TEXT: the first entry whose message begins so, long ones too, as JSON.
entry_of() {
        journal "$1" --output=json --all |
                jq -sc --arg text "$2" 'map(select(.MESSAGE | type == "string" and startswith($text))) | first'
}

# fields UNIT TEXT FIELD…: their values, with blanks in between.
fields() {
        local unit=$1 text=$2
        shift 2
        entry_of "$unit" "$text" | jq -r --args '[.[$ARGS.positional[]] // "-"] | join(" ")' "$@"
}

cat >/srv/talk <<'END'
echo "plain out"
echo "plain err" >&2
echo "<4>warning out"
echo "<2>critical err" >&2
echo "<7>debug name" >/dev/stdout
echo "<8>no prefix"
echo "name out" >/dev/stdout
echo "name err" >/dev/stderr
printf 'first of two\nsecond of two\n\n'
printf 'before nul\0after nul\n'
printf 'name before nul\0name after nul\n' >/dev/stdout
printf 'bell \a and escape \033[31m\n'
printf 'high \377\376 bytes\n'
head -c 40000 /dev/zero | tr '\0' m; echo
head -c 1000000 /dev/zero | tr '\0' x >/tmp/long; echo >>/tmp/long
cat /tmp/long >/dev/stdout
tr x y </tmp/long
tr x z </tmp/long >/tmp/longer; tr -d '\n' </tmp/longer >/tmp/z; cat /tmp/z /tmp/z /tmp/z >/dev/stderr; echo >/dev/stderr
echo "end by name" >/dev/stdout
printf 'no end'
END
launch talker <<'END'
[Container]
Image=localhost/busybox
Label=team=core
LogOpt=tag={{.Name}}-tag label=team label=stage=%p-stage
Exec=sh /talk
Volume=/srv/talk:/talk:ro
END
wait_until 10 "it has ended" is_state talker inactive
assert_journal talker "end by name"
assert_journal talker "no end"

priority() {
        assert_equal "$(fields talker "$2" PRIORITY SYSLOG_IDENTIFIER)" "$1 talker-tag" "priority and tag of '$2'"
}
priority 6 "plain out"
priority 3 "plain err"
priority 4 "warning out"
priority 2 "critical err"
priority 7 "debug name"
priority 6 "<8>no prefix"
priority 6 "name out"
priority 3 "name err"

# Whose they are. Those by name are logged by another unit, and have the container's all the same.
for text in "plain out" "plain err" "name out" "name err"; do
        assert_equal "$(fields talker "$text" CONTAINER_NAME IMAGE_NAME TEAM STAGE)" \
                "talker localhost/busybox core talker-stage" "fields of '$text'"
done
assert_equal "$(fields talker "plain err" _SYSTEMD_UNIT _COMM)" "talker.service sh" "who wrote it"
assert_equal "$(fields talker "name err" OBJECT_SYSTEMD_UNIT)" "talker.service" "whose it is"

# What breaks lines, and what does not.
for text in "first of two" "second of two" "before nul" "after nul" "name before nul" "name after nul" "no end"; do
        assert_equal "$(entry_of talker "$text" | jq -r .MESSAGE)" "$text" "a message"
done
assert_journal talker $'bell \a and escape \033[31m' --all
assert_journal talker $'high \377\376 bytes' --all

# Long lines: whole up to what the journal's own streams take, 48K, and by name up to 1 MiB, beyond that in pieces that say so.
assert_equal "$(entry_of talker mmm | jq '.MESSAGE | length')" 40000 "a long line"
assert_equal "$(entry_of talker xxx | jq '.MESSAGE | length')" 1000000 "a very long line by name"
pieces=$(journal talker --output=json --all | jq -c 'select(.MESSAGE | type == "string" and startswith("yyy")) | [(.MESSAGE | length), ._LINE_BREAK]')
assert_equal "$(head -n 1 <<<"$pieces")" '[49152,"line-max"]' "the first piece of a very long line"
assert_equal "$(jq -s 'map(.[0]) | add' <<<"$pieces")" 1000000 "all pieces of it"
assert_equal "$(journal talker --output=json --all | jq -c 'select(.MESSAGE | type == "string" and startswith("zzz")) | [(.MESSAGE | length), .CONTAINER_PARTIAL_MESSAGE]')" \
        $'[1048576,"true"]\n[1048576,"true"]\n[902848,null]' "pieces of a line that is longer than 1 MiB"

# With Console=pipe all of it goes that way, and with LineMax= the journal takes more by its own.
launch piped <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'head -c 500000 /dev/zero | tr "\0" p; echo; sleep 1000'

[Slipway]
Console=pipe
END
assert_journal piped ppp
assert_equal "$(entry_of piped ppp | jq '.MESSAGE | length')" 500000 "a very long line with Console=pipe"

# Nobody hears it, and nothing is there to hear it.
launch silent <<'END'
[Container]
Image=localhost/busybox
LogDriver=none
Exec=sh -c 'echo unheard; echo unheard >&2; echo unheard >/dev/stderr; sleep 1000'
END
assert_lacks "$(systemctl list-units --all --plain 'slipway-stdio@*')" "silent" "units"
assert_lacks "$(journal silent)" unheard "the journal"

# The end, when there is more to it than that it came, has its exit status in fields, and whose it was.
manifest ender.container <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'exit 7'
END
reload
systemctl start ender 2>/dev/null || true
wait_until 10 "it has ended" is_state ender failed
assert_journal ender "" MESSAGE_ID=62ca287dc69e4e999944970e0b8fc58e
assert_equal "$(journal ender --output=json MESSAGE_ID=62ca287dc69e4e999944970e0b8fc58e |
        jq -c '[.CONTAINER_NAME, .EXIT_CODE, .EXIT_STATUS, .OBJECT_SYSTEMD_UNIT]')" '["ender","exited","7","ender.service"]' "fields of the end"
