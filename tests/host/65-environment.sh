#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Environment, and where it comes from.
. "$(dirname "$0")/lib.sh"

printf 'FILE=from the file\n# no comment\nBARE\nQUOTED="kept"\n' >/srv/variables
launch settings <<'END'
[Container]
Image=localhost/scratch
Environment=A=1 "B=two words" C=a%%b
EnvironmentFile=/srv/variables -/srv/no-variables
Exec=env

[Service]
Environment=BARE=imported HIDDEN=secret
END
wait_until 5 "it has ended" is_state settings inactive
for line in "A=1" "B=two words" "C=a%b" "FILE=from the file" "BARE=imported" 'QUOTED="kept"' "container=" "PATH="; do
        assert_journal settings "$line"
done
for name in HIDDEN NOTIFY_SOCKET LISTEN_FDS INVOCATION_ID JOURNAL_STREAM; do
        assert_lacks "$(journal settings)" "$name=" "environment"
done
