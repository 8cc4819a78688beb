#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A command in a container: what it is, what comes of it, and what is said when it cannot be.
. "$(dirname "$0")/lib.sh"

# says STATUS TEXT COMMAND…: it ends so, and says that on standard error.
says() {
        local status=$1 text=$2 got=0 said
        shift 2
        said=$("$@" 2>&1 >/dev/null </dev/null) || got=$?
        assert_equal "$got" "$status" "exit status of '$*' ($said)"
        assert_contains "$said" "$text" "what '$*' says"
}

# ends_with STATUS WHAT: the last command in the background does, sooner or later.
ends_with() {
        local status=0
        wait $! || status=$?
        assert_equal "$status" "$1" "$2"
}

runs() {
        wait_until 5 "the command runs" pgrep -f "$1"
}

launch box <<'END'
[Container]
Image=localhost/busybox
Entrypoint=
Exec=sleep 1000
Environment=GREETING=hello
StopTimeout=1
WorkingDir=/var
END

# Standard streams are as given, and the exit status is the command's.
assert_equal "$(slipway exec box sh -c 'echo $GREETING; pwd')" $'hello\n/var'
assert_equal "$(echo typed | slipway exec -i box cat)" typed
assert_equal "$(echo typed | slipway exec box cat)" "" "standard input without -i"
assert_equal "$(slipway exec box sh -c 'echo out; echo err >&2' 2>/dev/null)" out
assert_equal "$(slipway exec box sh -c 'echo out; echo err >&2' 2>&1 >/dev/null)" err
head -c 300000 /dev/urandom >/tmp/blob
slipway exec -i box cat </tmp/blob >/tmp/copy
cmp /tmp/blob /tmp/copy || fail "bytes are lost on the way"
says 0 "" slipway exec box true
says 7 "" slipway exec box sh -c 'exit 7'
says 143 "" slipway exec box sh -c 'kill -TERM $$'
says 137 "" slipway exec box sh -c 'kill -KILL $$'

# What went wrong, and the next thing to type.
says 127 "no command 'nosuch' in the image (PATH is /usr" slipway exec box nosuch
says 127 "/no/such" slipway exec box /no/such
says 126 "'/etc': it is a directory" slipway exec box /etc
says 126 "/etc/passwd" slipway exec box /etc/passwd
says 125 "there is no container 'bix', did you mean 'box'?" slipway exec bix true
says 125 "'slipway list' shows those that there are" slipway exec something-else true
says 125 "'../box'" slipway exec ../box true
says 125 "a command is missing" slipway exec box
says 125 "the name of a container is missing" slipway exec
says 125 "see 'slipway exec --help'" slipway exec --nosuch box true
says 125 "no user 'nosuch' in the image's /etc/passwd" slipway exec --user=nosuch box true
says 125 "working directory '/no/where'" slipway exec --workdir=/no/where box true
says 125 "working directory 'etc' is not absolute" slipway exec --workdir=etc box true
says 125 "/no/file" slipway exec --env-file=/no/file box true
says 125 "no keys" slipway exec --detach-keys=ctrl-1 box true
says 125 "only root can look into the container 'box'" setpriv --reuid=65534 --regid=65534 --clear-groups slipway exec box true
slipway exec --help | grep -q 'NAME COMMAND' || fail "there is no help"
slipway help exec | grep -q 'NAME COMMAND' || fail "there is no help by the large program"

# What can be different from the app.
assert_equal "$(slipway exec --user=nobody --workdir=/tmp box sh -c 'id -u; pwd')" $'65534\n/tmp'
assert_equal "$(slipway exec -u 12:34 box sh -c 'id -u; id -g; id -G')" $'12\n34\n34'
printf '# comment\nFROM_FILE=a b\nPASSED\n' >/tmp/env
assert_equal "$(PASSED=on slipway exec -e GREETING=bye -e NEW=1 --env-file=/tmp/env box \
        sh -c 'echo $GREETING $NEW $FROM_FILE $PASSED')" "bye 1 a b on"
assert_equal "$(HIDDEN=1 slipway exec box sh -c 'echo ${HIDDEN-none}')" none

# The words of a command are its own, also those that look like options of ours.
assert_equal "$(slipway exec box echo --user=x -t -- y)" "--user=x -t -- y"

# By its unit, and by its name when the unit has another.
assert_equal "$(slipway exec box.service echo here)" here
launch other <<'END'
[Container]
Image=localhost/busybox
ContainerName=named
Entrypoint=
RunInit=yes
Exec=sleep 1000
END
assert_equal "$(slipway exec named cat /etc/hostname)" "$(slipway exec other cat /etc/hostname)"

# With an init of ours, the container is the same.
assert_contains "$(slipway exec named ps)" "sleep 1000"

# In its control groups, so that limits count for it.
pid=$(payload box.service)
slipway exec box sleep 1001 &
runs '^sleep 1001'
assert_equal "$(cat "/proc/$(pgrep -f '^sleep 1001')/cgroup")" "$(cat "/proc/$pid/cgroup")" "control groups"

# Signals go to the command.
kill -TERM $!
ends_with 143 "status after SIGTERM"
slipway exec box sh -c 'trap "echo one" USR1; trap "echo two; exit 9" HUP; echo ready; while :; do sleep 0.1; done' >/tmp/signals &
wait_until 5 "the command listens" grep -q ready /tmp/signals
kill -USR1 $!
wait_until 5 "USR1 arrives" grep -q one /tmp/signals
kill -HUP $!
ends_with 9 "status after SIGHUP"
grep -q two /tmp/signals || fail "SIGHUP did not arrive"

# From the moment on that it runs.
for _ in {1..20}; do
        : >/tmp/signals
        slipway exec box sh -c 'trap "exit 7" TERM; echo ready; while :; do sleep 0.01; done' >/tmp/signals &
        until [ -s /tmp/signals ]; do :; done
        kill -TERM $!
        ends_with 7 "status after SIGTERM at once"
done

# Who is killed takes the command along.
slipway exec box sleep 1002 &
runs '^sleep 1002'
kill -KILL $!
wait_until 5 "the command has ended with its caller" bash -c '! pgrep -f "^sleep 1002"'

# What is not waited for stays, until the container ends.
slipway exec -d box sleep 1003
pgrep -f '^sleep 1003' >/dev/null || fail "the command is gone"

# A container that ends says so to those in it.
slipway exec box sleep 1004 2>/tmp/words &
runs '^sleep 1004'
stop box
ends_with 137 "status when the container has ended"
assert_contains "$(cat /tmp/words)" "the container 'box' has ended"
! pgrep -f '^sleep 1003' >/dev/null || fail "a command is still there after its container"
says 125 "'systemctl start box' starts it" slipway exec box true

# A record whose process is another by now is no container.
record=/run/slipway/containers/box
for process in $$ "$(show other.service MainPID)" 0 999999; do
        printf 'UNIT=box.service\nIMAGE=x\nBASE=0\nCOUNT=0\nPID=%s\n' "$process" >$record
        says 125 "does not run" slipway exec box true
done
rm $record

# Paused, it is said at once.
group=$(show other.service ControlGroup)
frozen=no
for hierarchy in /sys/fs/cgroup /sys/fs/cgroup/unified; do
        [ -n "$group" ] && [ -e "$hierarchy$group/cgroup.freeze" ] || continue
        frozen=yes
        echo 1 >"$hierarchy$group/cgroup.freeze"
        wait_until 5 "it is frozen" grep -q 'frozen 1' "$hierarchy$group/payload/cgroup.events"
        says 125 "'slipway unpause named' lets it go on" slipway exec named true
        echo 0 >"$hierarchy$group/cgroup.freeze"
done
assert_equal "$frozen" yes "whether groups can be frozen here"

# No shell, no users, nothing but the program.
launch bare <<'END'
[Container]
Image=localhost/scratch
END
says 127 "no command 'sh' in the image" slipway exec bare sh
assert_equal "$(slipway exec bare /app print hello)" hello
says 5 "" slipway exec bare /app exit 5
