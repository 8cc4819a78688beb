#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What fails is restarted by systemd, whoever is killed: systemd-nspawn, or the app in it.
. "$(dirname "$0")/lib.sh"

launch phoenix <<'END'
[Container]
Image=localhost/scratch
Exec=sleep 1000

[Service]
Restart=on-failure
RestartSec=100ms
END

restarts() {
        [ "$(show phoenix NRestarts)" = "$1" ] && is_state phoenix active
}

old=$(show phoenix MainPID)
kill -9 "$old"
wait_until 10 "restarted after its main process was killed" restarts 1
[ "$(show phoenix MainPID)" != "$old" ] || fail "the main process is still $old"

kill -9 "$(payload phoenix)"
wait_until 10 "restarted after its app was killed" restarts 2

# An orderly end is no failure.
kill "$(payload phoenix)"
wait_state phoenix inactive
assert_equal "$(show phoenix Result)" success "result"

# The app's exit status is the unit's.
launch leaver <<'END'
[Container]
Image=localhost/scratch
Exec=exit 42
END
wait_state leaver failed
assert_equal "$(show leaver ExecMainStatus)" 42 "exit status"

launch crasher <<'END'
[Container]
Image=localhost/scratch
Exec=crash
END
wait_state crasher failed
