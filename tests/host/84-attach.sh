#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Terminals: of commands that enter, and of apps that people attach to, come back to, and leave.
. "$(dirname "$0")/lib.sh"

# on_terminal COMMAND KEYS…: the command runs on a terminal of 33 lines and 77 columns. Each of the keys comes after half
# a second. What is shown goes to /tmp/screen.
on_terminal() {
        for keys in "${@:2}" ''; do
                sleep 0.5
                printf '%b' "$keys"
        done | timeout 20 script -qec "stty rows 33 cols 77; $1" /dev/null >/tmp/screen
}
on_screen() {
        grep -qF -- "$1" /tmp/screen || fail "the screen lacks '$1': $(cat -A /tmp/screen)"
}
ended_with() {
        local status=0
        wait $! || status=$?
        assert_equal "$status" "$1" "$2"
}

launch box <<'END'
[Container]
Image=localhost/busybox
Entrypoint=
User=nobody
Exec=sleep 1000
END

# A command has a terminal of the container's, which is its own, with the size of the caller's.
on_terminal "slipway exec -t box sh -c 'tty; stty size; ls -ln /dev/pts/0; echo typed >/dev/tty; echo \$TERM'"
for text in /dev/pts/0 "33 77" "crw--w----    1 65534" typed; do
        on_screen "$text"
done
on_terminal "slipway exec -it box sh; echo status \$?" 'echo hel""lo\n' 'exit 3\n'
on_screen hello
on_screen "status 3"
assert_equal "$(slipway exec -t box tty | tr -d '\r')" /dev/pts/0 "a terminal without one of the caller's"
assert_equal "$(echo 'echo from a pipe' | slipway exec -it box sh | grep -c '^from a pipe')" 1 "input from a pipe, to its end"

# The window can change.
on_terminal "(sleep 0.5; stty rows 40 cols 90 </dev/tty) & slipway exec -it box sh -c 'trap \"stty size; exit\" WINCH; while :; do sleep 0.1; done'"
on_screen "40 90"

# ctrl-c is for the command; the keys to leave are for us, and it goes on.
on_terminal "slipway exec -it box sh -c 'trap \"echo interrupted; exit 4\" INT; sleep 1000'; echo status \$?" '\003'
on_screen interrupted
on_screen "status 4"
on_terminal "slipway exec -it box sleep 1001; echo status \$?" '\020\021'
on_screen "status 0"
pgrep -f '^sleep 1001' >/dev/null || fail "a command that was left has ended"
on_terminal "slipway exec -it --detach-keys=q box sh -c 'sleep 1002'; echo status \$?" '\020\021q'
on_screen "status 0"

# The caller's terminal is as it was before, also if it was not we who could see to that.
for signal in TERM KILL; do
        rm -f /tmp/before /tmp/after
        on_terminal "stty -g >/tmp/before; slipway exec -it box sh -c 'sleep 1003'; sleep 0.3; stty -g >/tmp/after" '' '' '' &
        wait_until 5 "the command runs" pgrep -f '^sleep 1003'
        ! grep -q . /tmp/after 2>/dev/null || fail "there was no time in between"
        pkill -o "-$signal" -xf 'slipway exec -it box sh -c sleep 1003'
        wait $! || true
        assert_equal "$(cat /tmp/after)" "$(cat /tmp/before)" "settings of the terminal after SIG$signal"
        wait_until 5 "the command was hung up" bash -c '! pgrep -f "^sleep 1003"'
done

# An app with a terminal.
launch shell <<'END'
[Container]
Image=localhost/busybox
Entrypoint=
PodmanArgs=-it
User=nobody
Exec=sh
END
pid=$(payload shell)
assert_equal "$(readlink "/proc/$pid/fd/0" "/proc/$pid/fd/1" "/proc/$pid/fd/2" | sort -u)" /dev/pts/0 "streams of the app"
[ "$(awk '{ print $7 }' "/proc/$pid/stat")" != 0 ] || fail "the app has no controlling terminal"
tty=$(pgrep -f 'slipway-tty --terminal')
assert_contains "$(cat "/proc/$tty/cgroup")" shell.service "control group of slipway-tty"
assert_equal "$(awk '/^CapPrm|^CapBnd/ { print $2 }' "/proc/$tty/status" | sed q)" 0000000000000000 "capabilities of slipway-tty"
on_terminal "slipway attach shell; echo status \$?" 'stty size; tty\n' '\020\021'
on_screen "33 77"
on_screen "BusyBox"
on_screen "status 0"
assert_active shell

# Two at once see the same, and the journal has it, line by line, whether anybody looks or not.
rm -f /tmp/keys
mkfifo /tmp/keys
timeout 10 slipway attach shell </tmp/keys >/tmp/one &
exec 8>/tmp/keys
timeout 10 slipway attach --no-stdin shell >/tmp/two </dev/null &
wait_until 5 "two are attached" bash -c "[ \$(ss -xH src /run/slipway/tty/shell | grep -c ESTAB) = 2 ]"
echo 'echo one"two"three' >&8
wait_until 5 "one sees it" grep -q onetwothree /tmp/one
wait_until 5 "the other sees it" grep -q onetwothree /tmp/two
assert_journal shell onetwothree
echo 'sleep 1; echo at the en"d"; sleep 0.3; exit 6' >&8
ended_with 6 "status of the one that only looks"
grep -q 'at the end' /tmp/two || fail "the last words are missing"
exec 8>&-
assert_journal shell "at the end"
[ ! -e /run/slipway/tty/shell ] || fail "the socket of a container that has ended is left"

# The terminal of an app with an init of ours, and a user of its own.
launch first <<'END'
[Container]
Image=localhost/busybox
Entrypoint=
RunInit=yes
Exec=sh

[Slipway]
Console=terminal
END
on_terminal "slipway attach first; echo status \$?" 'tty; ps\nexit 7\n' '' ''
on_screen "/dev/pts/0"
on_screen "status 7"

# The container does not end before its last words were read, however late that is; and not later than that.
reader() {
        pgrep -x slipway-tty
}
for mode in terminal interactive; do
        launch last <<END
[Container]
Image=localhost/busybox
Entrypoint=
RunInit=yes
Exec=sh -c 'trap "echo the last words in the $mode; exit 7" USR1; echo ready; while :; do sleep 0.1; done'

[Slipway]
Console=$mode
END
        assert_journal last ready
        kill -STOP "$(reader)"
        slipway exec last kill -USR1 2
        sleep 0.5
        assert_active last
        kill -CONT "$(reader)"
        wait_state last failed
        assert_equal "$(show last ExecMainStatus)" 7 "status of the app"
        assert_journal last "the last words in the $mode"
        systemctl reset-failed last
        start last
        kill -KILL "$(reader)"
        before=$SECONDS
        stop last
        [ $((SECONDS - before)) -lt 4 ] || fail "an end waits for a reader who is dead"
done

# Open standard input, without a terminal: bytes stay bytes.
launch pipe <<'END'
[Container]
Image=localhost/busybox
Entrypoint=
Exec=sh -c 'sha256sum; echo failed >&2; sleep 0.3'

[Slipway]
Console=interactive
END
head -c 500000 /dev/urandom >/tmp/blob
timeout 20 slipway attach pipe </tmp/blob >/tmp/out 2>/tmp/err &
ended_with 0 "status of the app"
assert_equal "$(cut -d ' ' -f 1 /tmp/out)" "$(sha256sum </tmp/blob | cut -d ' ' -f 1)" "what the app has read"
assert_equal "$(cat /tmp/err)" failed "standard error"
assert_journal pipe failed PRIORITY=3

# Without either, the journal is followed, signals are passed on, and the status is that of the app.
launch plain <<'END'
[Container]
Image=localhost/busybox
Entrypoint=
Exec=sh -c 'trap "echo got it; exit 8" TERM; trap "echo again >&2" USR1; echo before; while :; do sleep 0.1; done'
END
assert_journal plain before
hears_signals() {
        [[ $(readlink "/proc/$!/fd/"*) == *signalfd* ]]
}
slipway attach plain >/tmp/out 2>/tmp/err &
wait_until 5 "signals are heard" hears_signals
kill -USR1 $!
wait_until 5 "USR1 arrives" grep -q again /tmp/err
kill -TERM $!
ended_with 8 "status of the app"
assert_equal "$(cat /tmp/out)" "got it" "what was written since"
start plain
slipway attach --sig-proxy=false plain >/tmp/out &
sleep 0.3
kill -TERM $!
ended_with 143 "status of an attachment that was ended"
assert_active plain
! slipway attach nosuch 2>/tmp/err || fail "somebody is there"
assert_contains "$(cat /tmp/err)" "there is no container 'nosuch'"

# Whoever kills what holds the terminal hangs up; the unit ends, and the next start works.
launch hung <<'END'
[Container]
Image=localhost/busybox
Entrypoint=
Exec=sleep 1000

[Slipway]
Console=terminal
END
kill -KILL "$(pgrep -f 'slipway-tty --terminal')"
systemctl kill --signal=KILL hung
wait_until 5 "it has ended" bash -c '! systemctl is-active hung'
start hung
on_terminal "slipway attach hung; echo status \$?" '\020\021'
on_screen "status 0"
