#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An app that will not end when it is told to is killed when its grace period is over, and not before.
. "$(dirname "$0")/lib.sh"

launch stubborn <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'trap "echo no" TERM; echo ready; while :; do sleep 0.1; done'
StopTimeout=2
END
wait_until 5 "it is ready" has_logged stubborn ready

before=$EPOCHREALTIME
systemctl stop stubborn
took=$(awk -v a="$before" -v b="$EPOCHREALTIME" 'BEGIN { print int((b - a) * 1000) }')
[ "$took" -ge 1900 ] || fail "killed after $took ms, before its grace period of 2 s was over"
[ "$took" -lt 6000 ] || fail "killed after $took ms, long after its grace period of 2 s"
assert_equal "$(show stubborn Result)" timeout "result"

# One that listens is gone at once; SIGTERM that ends it is no failure.
launch quick <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'trap "echo told to stop; exit 0" TERM; echo ready; while :; do sleep 0.1; done'
END
wait_until 5 "it is ready" has_logged quick ready
before=$EPOCHREALTIME
stop quick
took=$(awk -v a="$before" -v b="$EPOCHREALTIME" 'BEGIN { print int((b - a) * 1000) }')
[ "$took" -lt 2000 ] || fail "stopped after $took ms"
assert_journal quick "told to stop"
assert_equal "$(show quick Result)" success "result"

# The manifest's signal is sent instead.
launch signalled <<'END'
[Container]
Image=localhost/busybox
StopSignal=USR1
Exec=sh -c 'trap "echo usr1; exit 0" USR1; echo ready; while :; do sleep 0.1; done'
END
wait_until 5 "it is ready" has_logged signalled ready
stop signalled
assert_journal signalled usr1
