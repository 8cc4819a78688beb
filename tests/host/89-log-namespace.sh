#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# With LogNamespace= a container has a journal of its own, for all that is logged on its behalf.
. "$(dirname "$0")/lib.sh"

boxed() {
        journalctl --namespace=boxed --quiet --no-pager --since="@$started" --output=cat "$@"
}
has_boxed() {
        [[ "$(boxed)" == *"$1"* ]]
}

manifest talker.container <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'echo by out; echo by err >&2; echo by name >/dev/stdout; echo by bad name >/dev/stderr; sleep 1000'

[Service]
LogNamespace=boxed
END
manifest template@.container <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'echo instance >/dev/stdout; sleep 1000'

[Service]
LogNamespace=boxed
END
manifest missing.container <<'END'
[Container]
Image=localhost/busybox
Exec=no-such-command

[Service]
LogNamespace=boxed
END
manifest brief.container <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'echo last words >/dev/stdout'

[Service]
LogNamespace=brief
END
manifest usual.container <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'echo usual out; echo usual name >/dev/stdout; sleep 1000'
END
reload
start talker
start template@one
start_fails missing
start usual
systemctl start brief

for text in "by out" "by err" "by name" "by bad name" "instance" "no command 'no-such-command'"; do
        wait_until 5 "'$text' is in the namespace" has_boxed "$text"
        assert_lacks "$(journalctl --quiet --no-pager --since="@$started" --output=cat)" "$text" "the usual journal"
done
assert_contains "$(boxed --unit=talker)" "by name" "what --unit= finds in the namespace"
assert_contains "$(boxed --unit=missing MESSAGE_ID=9fe5b4370def4ea4b7446957c534326e)" no-such-command "a message of ours"
for text in "usual out" "usual name"; do
        assert_journal usual "$text"
        assert_lacks "$(boxed)" "$text" "the namespace"
done

# A journal of which nobody has need any more ends, but not before the last words are in there.
wait_until 5 "it has ended" is_state brief inactive
has_last_words() {
        journalctl --namespace=brief --quiet --no-pager --since="@$started" --unit=brief --output=cat | grep -q "last words"
}
wait_until 10 "the last words are in the namespace" has_last_words

# What systemd says of the unit is in the usual one, as for any other; status has the reason in any case.
assert_contains "$(journal talker)" "Started talker.service" "the usual journal"
assert_status missing no-such-command
