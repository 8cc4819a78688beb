#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# slipway run: the caller's streams and exit status are the app's, and what runs is what a manifest would.
. "$(dirname "$0")/lib.sh"

status_of() {
        local got=0
        "$@" >/dev/null 2>/tmp/words || got=$?
        echo "$got"
}

# --- streams ----------------------------------------------------------------------------------------------------------

head -c 3000000 /dev/urandom >/tmp/sent
wanted=$(sha256sum </tmp/sent)
assert_equal "$(slipway run --rm localhost/busybox cat </tmp/sent | sha256sum)" "$wanted" "what came through a pipe"
assert_equal "$(slipway run --rm localhost/busybox cat </tmp/sent >/tmp/got; sha256sum </tmp/got)" "$wanted" "what came to a file"
assert_equal "$(cat /tmp/sent | slipway run --rm localhost/busybox cat | sha256sum)" "$wanted" "what came from a pipe"
assert_equal "$(echo lower | slipway run --rm localhost/busybox tr a-z A-Z)" LOWER "a word"

# Both outputs in one file are in the order of writing.
slipway run --rm localhost/busybox sh -c 'for i in 1 2 3; do echo "out $i"; echo "err $i" >&2; done' >/tmp/both 2>&1 || fail "status $?: $(cat /tmp/both)"
assert_equal "$(paste -sd, /tmp/both)" "out 1,err 1,out 2,err 2,out 3,err 3" "both outputs in one file"
slipway run --rm localhost/busybox sh -c 'echo out; echo err >&2' >/tmp/out 2>/tmp/err
assert_equal "$(cat /tmp/out),$(cat /tmp/err)" out,err "outputs apart"

# Also for a user who did not make the pipe, and who opens it anew.
assert_equal "$(slipway run --rm --user 1000 localhost/busybox sh -c 'echo by path >/dev/stdout')" "by path" "through a pipe"
slipway run --rm --user 1000 localhost/busybox sh -c 'echo by path >/dev/stderr' 2>/tmp/err
assert_equal "$(cat /tmp/err)" "by path" "through a file"
assert_equal "$(slipway run --rm localhost/busybox cat <&-)" "" "without standard input"
assert_equal "$(status_of slipway run --rm localhost/busybox cat </)" 125 "a directory as standard input"

# --- exit status ------------------------------------------------------------------------------------------------------

assert_equal "$(status_of slipway run --rm localhost/busybox sh -c 'exit 7')" 7 "status of the app"
assert_equal "$(status_of slipway run --rm --init localhost/busybox sh -c 'kill -TERM $$')" 143 "status of a signal"
if has_controller memory; then
        assert_equal "$(status_of slipway run --rm --memory=20m localhost/busybox tail /dev/zero)" 137 "status without memory"
        assert_contains "$(cat /tmp/words)" "has ended: out of memory: " "what it had too little of"
fi
assert_equal "$(status_of slipway run --rm localhost/busybox no-such-command)" 127 "status of no command"
assert_contains "$(cat /tmp/words)" "no command 'no-such-command' in the image" "why there is none"
assert_equal "$(status_of slipway run --rm localhost/busybox /etc)" 126 "status of a directory"
assert_equal "$(status_of slipway run --rm localhost/no-such-image)" 125 "status of no image"
assert_contains "$(cat /tmp/words)" "image 'localhost/no-such-image:latest' is not in the store, see slipway-import(1)" "what to do"
assert_equal "$(wc -l </tmp/words)" 1 "lines about it"
assert_equal "$(status_of slipway run --rm --memory=much localhost/busybox)" 125 "status of a mistake"
assert_equal "$(cat /tmp/words)" "slipway: --memory=: 'much' is not a size: a number of bytes, or with b, k, m, g or t" "the mistake"
assert_equal "$(status_of slipway run --rm --property=Nonsense=1 localhost/busybox)" 125 "status of a directive that there is not"
assert_equal "$(slipway list --quiet)" "" "what is left of them"

# Who has a policy of restarts goes on, which is not to be seen here.
assert_equal "$(status_of slipway run --name again --restart=always --property=RestartSec=60 localhost/busybox false)" 1 "first life"
assert_contains "$(cat /tmp/words)" "'again' is started again; 'slipway logs --follow again' shows" "how it goes on"
slipway rm --force again

# What they were is kept for those who wait, for a minute.
touch --date='2 minutes ago' /run/slipway/containers/.busybox-*.last
slipway run --rm localhost/busybox true
assert_equal "$(find /run/slipway/containers -name '.busybox-*' | sed 's/.*\.//' | sort | paste -sd,)" last,lock "what is kept of them"
assert_equal "$(find /var/lib/slipway/userns -lname 'busybox-*')" "" "ids that are kept for them"

# --- signals ----------------------------------------------------------------------------------------------------------

# Job control, or the shell would have its children ignore what a terminal sends.
set -m
slipway run --rm --name hears localhost/busybox sh -c 'trap "echo told; exit 3" INT; while :; do sleep 0.1; done' >/tmp/out &
wait_active hears
wait_until 5 "it can be told" sh -c "grep -q '^SigCgt:.*[2367abef]\$' /proc/$(payload hears)/status"
kill -INT $!
got=0
wait $! || got=$?
assert_equal "$got,$(cat /tmp/out)" 3,told "what it does when told"
slipway run --rm --name deaf localhost/busybox sleep 1000 &
wait_active deaf
kill -INT $!
got=0
wait $! || got=$?
assert_equal "$got" 130 "status of one that cannot be told"
wait_until 5 "it is gone" sh -c '! systemctl is-active deaf'
# Also before it is ready, which this one never is.
slipway run --rm --name never --sdnotify=container localhost/busybox sh -c 'echo begins; exec sleep 1000' >/tmp/out 2>/tmp/words &
wait_state never activating
wait_until 5 "it begins" grep -q begins /tmp/out
kill -INT $!
got=0
wait $! || got=$?
assert_equal "$got,$(cat /tmp/out),$(cat /tmp/words)" 130,begins, "status of one that is not ready, and what is said"
assert_equal "$(systemctl is-active never || true)" inactive "state of it"

# The container does not need who has started it.
slipway run --rm --name orphan localhost/busybox sleep 1000 </dev/null &
disown
wait_active orphan
kill -KILL $!
wait_until 5 "who has started it is dead" sh -c "! kill -0 $!"
assert_active orphan
slipway rm --force orphan

# --- terminals --------------------------------------------------------------------------------------------------------

# Nothing of an app that ends at once is lost, where an init waits for whoever reads it.
for i in 1 2 3 4 5; do
        assert_equal "$(slipway run --rm --init -t localhost/busybox echo "here $i" </dev/null | tr -d '\r')" "here $i" "what came by a terminal"
done
at_terminal() {
        timeout 20 script -qec "stty rows 33 cols 77; $*" /dev/null
}
got=0
{ sleep 1; echo abc; } | at_terminal "slipway run --rm -it --init localhost/busybox sh -c 'sleep 0.3; stty size; tty; read x; echo got \$x; exit 4'" >/tmp/screen || got=$?
assert_equal "$got" 4 "status through a terminal"
assert_contains "$(cat /tmp/screen)" "33 77" "size of the terminal"
assert_contains "$(cat /tmp/screen)" "/dev/pts/0" "name of the terminal"
assert_contains "$(cat /tmp/screen)" "got abc" "what was typed"
assert_equal "$(status_of slipway run --rm -t localhost/busybox no-such-command)" 127 "status of no command with a terminal"
assert_contains "$(cat /tmp/words)" "no command 'no-such-command' in the image" "why there is none"

# Keys leave it running; a signal without -i is the app's.
got=0
{ sleep 1; printf '\x10\x11'; sleep 0.2; } | at_terminal "slipway run --rm -it --name left localhost/busybox sleep 1000" >/tmp/screen || got=$?
assert_equal "$got" 0 "status of whoever has left"
assert_active left
slipway rm --force left
slipway run --rm -t --name hears localhost/busybox sh -c 'trap "echo told; sleep 0.3; exit 3" INT; while :; do sleep 0.1; done' >/tmp/out </dev/null &
wait_active hears
wait_until 5 "it can be told" sh -c "grep -q '^SigCgt:.*[2367abef]\$' /proc/$(payload hears)/status"
kill -INT $!
got=0
wait $! || got=$?
assert_equal "$got,$(tr -d '\r' </tmp/out)" 3,told "what it does when told"

set +m

# Open pipes for one in the background.
assert_equal "$(slipway run -d -i --rm --name waits localhost/busybox sh -c 'read x; echo "read $x"')" waits "what is printed"
assert_active waits
echo word | slipway attach waits >/tmp/out
assert_equal "$(cat /tmp/out)" "read word" "what it has read"
assert_equal "$(slipway list --quiet)" "" "what is left of them"

# --- detached, and like a manifest ------------------------------------------------------------------------------------

flags=(--name twin --memory 64m --cpus 0.5 --pids-limit 50 -e 'ODD=100% $HOME "q" \n' -e PLAIN=1 --label a=b --stop-signal KILL
        --restart on-failure:3 --tmpfs /scratch --read-only --user 7 --workdir /tmp --stop-timeout 3 --cap-drop all --hostname h)
command=(sh -c 'echo "$ODD" 100% $$ >&2; exec sleep 1000')
assert_equal "$(slipway run -d "${flags[@]}" localhost/busybox "${command[@]}")" twin "what is printed"
units+=(twin.service)
assert_active twin
assert_equal "$(status_of slipway run -d --name twin localhost/busybox)" 125 "a name that is taken"
assert_contains "$(cat /tmp/words)" "there is a container 'twin' already; 'slipway rm --force twin' removes it" "what to do"
assert_equal "$(slipway list --json | jq -r '.[] | [.name, .state, .image, .unit] | join(" ")')" \
        "twin active localhost/busybox twin.service" "the list"
assert_journal twin '100% $HOME "q" \n 100% 1' CONTAINER_NAME=twin IMAGE_NAME=localhost/busybox PRIORITY=3

properties() {
        systemctl show twin --property=Type,NotifyAccess,Delegate,KillMode,PrivateMounts,Slice,DevicePolicy,DeviceAllow \
                --property=Environment,TasksMax,MemoryMax,MemorySwapMax,CPUQuotaPerSecUSec,TimeoutStopUSec,OOMPolicy \
                --property=SuccessExitStatus,SyslogIdentifier,LogExtraFields,Restart,StartLimitBurst,StartLimitIntervalUSec \
                --property=Description,Documentation,Wants,After,RequiresMountsFor,Requires,Conflicts,Before,StandardInput \
                --property=StandardOutput,StandardError,User,RestartUSec,TimeoutStartUSec,WatchdogUSec |
                tr ' =' '\n' | sort
        systemctl show twin --property=ExecStart,ExecStop,ExecStopPost,ExecReload |
                sed 's/ ; start_time=.*//; s/ ; ignore_errors.*//' | sort
}
properties >/tmp/transient
slipway rm --force twin
slipway run --print-manifest -d "${flags[@]}" localhost/busybox "${command[@]}" >/etc/slipway/twin.container
slipway check
reload
start twin
properties >/tmp/manifest
diff /tmp/transient /tmp/manifest || fail "a transient container is not what its manifest is"
assert_journal twin '100% $HOME "q" \n 100% 1'
assert_equal "$(status_of slipway run -d --name twin localhost/busybox)" 125 "a name that has a manifest"
assert_contains "$(cat /tmp/words)" "/etc/slipway/twin.container" "whose name it is"
stop twin

# One that fails without --rm is remembered with its reason, and can be replaced.
assert_equal "$(status_of slipway run -d --name fails localhost/busybox no-such-command)" 127 "status of a failed start"
assert_equal "$(slipway list --json fails | jq -r '.[].state')" failed "state of what failed"
assert_status fails "no command 'no-such-command' in the image"
assert_equal "$(slipway run -d --replace --name fails localhost/busybox sleep 1000)" fails "what took its place"
slipway rm --force fails
assert_equal "$(systemctl show --value --property=LoadState fails)" not-found "what is left of it"

# A made-up name is that of the image.
name=$(slipway run -d --rm localhost/busybox sleep 1000)
[[ $name =~ ^busybox-[0-9a-f]{8}$ ]] || fail "a name like '$name'"
slipway rm --force "$name"

# A user without rights is told so.
assert_equal "$(status_of setpriv --reuid 65534 --regid 65534 --clear-groups slipway run -d localhost/busybox)" 125 "status for nobody"
assert_contains "$(cat /tmp/words)" "that is for root, or whom polkit allows to manage units" "words for nobody"
