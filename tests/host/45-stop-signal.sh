#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A stop does not wait for a signal that the kernel drops; an app that listens has all its time.
. "$(dirname "$0")/lib.sh"

# Stops a unit, and leaves how many milliseconds it took in $took.
time_stop() {
        local before=$EPOCHREALTIME
        systemctl stop "$1"
        took=$(awk -v a="$before" -v b="$EPOCHREALTIME" 'BEGIN { print int((b - a) * 1000) }')
        assert_equal "$(show "$1" ActiveState)" inactive "state of $1"
        assert_equal "$(show "$1" Result)" success "result of $1"
}

stops_within() {
        time_stop "$2"
        [ "$took" -lt "$1" ] || fail "$2 has stopped after $took ms"
}

# Process 1 that never asked for the signal; one that ignores it, too.
launch deaf <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
stops_within 2000 deaf
assert_journal deaf "SIGTERM cannot arrive at 'sleep', which does not handle it: the container is ended at once" \
        MESSAGE_ID=a0084762285040ffa9ed5d8b19d36687
assert_journal deaf "StopSignal= names one that it handles, RunInit=yes has any signal arrive"
start deaf
stops_within 2000 deaf

launch stubborn <<'END'
[Container]
Image=localhost/scratch
Exec=stubborn
END
wait_until 5 "it ignores signals" has_logged stubborn "ignoring all signals"
stops_within 2000 stubborn

# A shell that has started a server: the server is asked, and the shell gets on with what comes after.
launch shell <<'END'
[Container]
Image=localhost/nginx
Exec=sh -c "nginx -g 'daemon off;'; echo 'the server has ended'"
END
wait_until 10 "nginx runs" inside shell test -e /run/nginx.pid
stops_within 3000 shell
assert_journal shell "SIGQUIT cannot arrive at 'sh', which does not handle it: passed on to what it has started"
assert_journal shell "the server has ended"

# One in a loop does not keep the container up by starting the same again.
launch loop <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'while :; do sh -c "trap \\"echo told; exit 0\\" TERM; echo up; while :; do sleep 0.1; done"; done'
END
wait_until 5 "its child is up" has_logged loop up
stops_within 4000 loop
assert_journal loop told
assert_journal loop "it goes on without the processes that did, and is ended"
launch plain-loop <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'while :; do sleep 1; done'
END
stops_within 2000 plain-loop

# With an init every signal arrives.
launch init <<'END'
[Container]
Image=localhost/busybox
RunInit=yes
Exec=sleep 1000
END
stops_within 2000 init
assert_lacks "$(journal init)" "cannot arrive" "journal of init"

# An init of the image's own waits for signals without a handler, and no mask shows it while it waits.
launch tini <<'END'
[Container]
Image=localhost/python
Exec=python3 -c 'import signal as s, time; s.pthread_sigmask(s.SIG_BLOCK, [15]); print("waiting", flush=1); s.sigwait([15]); time.sleep(1); print("orderly", flush=1)'
END
wait_until 5 "it waits" has_logged tini waiting
time_stop tini
assert_journal tini orderly
assert_lacks "$(journal tini)" "cannot arrive" "journal of tini"
launch timed <<'END'
[Container]
Image=localhost/python
Exec=python3 -c 'import signal as s, time; s.pthread_sigmask(s.SIG_BLOCK, [15, 17]); print("waiting", flush=1); exec("while not s.sigtimedwait([15, 17], 1): pass"); time.sleep(1); print("orderly", flush=1)'
END
wait_until 5 "it waits" has_logged timed waiting
time_stop timed
assert_journal timed orderly

# Who listens has the whole grace period, and no more.
launch slow <<'END'
[Container]
Image=localhost/busybox
StopTimeout=3
Exec=sh -c 'trap "echo told; sleep 1.5; echo done; exit 0" TERM; echo ready; while :; do sleep 0.1; done'
END
wait_until 5 "it is ready" has_logged slow ready
time_stop slow
[ "$took" -ge 1500 ] || fail "slow has stopped after $took ms, before it was done"
assert_journal slow "done"

# What the user wants done before a stop is done while the container is there.
launch drained <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000

[Service]
ExecStop=sh -c 'pgrep -P $MAINPID >/run/drained.child'
END
child=$(payload drained)
stops_within 2000 drained
assert_equal "$(cat /run/drained.child)" "$child" "child of systemd-nspawn when ExecStop= was run"

# A hangup of everything is no end, and no reload that nobody asked for.
launch steadfast <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
pid=$(show steadfast MainPID)
for signal in HUP USR1 USR2 ALRM PWR RTMIN+5; do
        systemctl kill --kill-whom=main --signal="SIG$signal" steadfast
done
sleep 0.2
assert_active steadfast
assert_equal "$(show steadfast MainPID)" "$pid" "main process"
systemctl kill --signal=HUP steadfast
sleep 0.2
assert_active steadfast
stops_within 2000 steadfast
rm -f /run/drained.child
