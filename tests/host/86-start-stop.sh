#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# slipway start, stop, restart, kill, rm, pause, unpause and wait: by name, by unit, by pattern; with the reason when it fails.
. "$(dirname "$0")/lib.sh"

status_of() {
        local got=0
        "$@" >/tmp/out 2>/tmp/words || got=$?
        echo "$got"
}

for name in shop-a shop-b; do
        manifest $name.container <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'
END
done
manifest other.container <<'END'
[Container]
ContainerName=elsewhere
Image=localhost/busybox
Exec=sh -c 'trap "echo usr1" USR1; trap "exit 5" USR2; while :; do sleep 0.1; done'
StopSignal=KILL
END
manifest broken.container <<'END'
[Container]
Imgae=localhost/busybox
END
manifest absent.container <<'END'
[Container]
Image=localhost/no-such-image
END
reload

# --- start ------------------------------------------------------------------------------------------------------------

assert_equal "$(status_of slipway start 'shop-*' elsewhere)" 0 "status of start"
assert_equal "$(cat /tmp/out /tmp/words)" "" "words of success"
assert_active shop-a
assert_active shop-b
assert_active other
assert_equal "$(status_of slipway start --verbose shop-a.service)" 0 "status of a start that is none"
assert_equal "$(cat /tmp/out)" shop-a "what is printed"
assert_equal "$(status_of slipway start broken absent shop-a)" 1 "status of a start that fails"
assert_contains "$(cat /tmp/words)" "slipway: cannot start 'broken': /etc/slipway/broken.container:2:1: Imgae=: no such key" "reason of the first"
assert_contains "$(cat /tmp/words)" "slipway: cannot start 'absent': cannot open the image: image 'localhost/no-such-image:latest' is not in the store" "reason of the second"
assert_lacks "$(cat /tmp/words)" journalctl "reasons"
assert_equal "$(status_of slipway start shop-x)" 1 "status of a name that there is not"
assert_equal "$(cat /tmp/words)" "slipway: there is no container 'shop-x', did you mean 'shop-a'?" "what was meant"
assert_equal "$(status_of slipway start 'z*')" 1 "status of a pattern that fits nothing"
assert_equal "$(status_of slipway start)" 2 "status of no name"

# --- kill and wait ----------------------------------------------------------------------------------------------------

slipway kill --signal USR1 elsewhere
wait_until 5 "it was told" has_logged other usr1
assert_active other
slipway wait elsewhere >/tmp/waited &
slipway kill -s SIGUSR2 other
wait $!
assert_equal "$(cat /tmp/waited)" 5 "status that wait has printed"
assert_equal "$(slipway wait elsewhere)" 5 "status of what has ended"
slipway run --detach --name shot localhost/busybox sleep 1000 >/dev/null
slipway kill shot
assert_equal "$(slipway wait shot)" 137 "status of what was killed"
slipway rm shot
assert_equal "$(status_of slipway kill elsewhere)" 1 "status of a kill of nothing"
assert_contains "$(cat /tmp/words)" "elsewhere" "why it is nothing"
assert_equal "$(status_of slipway kill --signal=NONSENSE shop-a)" 2 "status of a signal that there is not"

# --- restart and stop -------------------------------------------------------------------------------------------------

before=$(show shop-a MainPID)
slipway restart shop-a
assert_active shop-a
[ "$(show shop-a MainPID)" != "$before" ] || fail "it was not started again"
slipway stop shop-a
assert_equal "$(show shop-a ActiveState),$(show shop-a Result)" inactive,success "what was stopped"
assert_equal "$(status_of slipway stop shop-a)" 0 "status of a stop of what does not run"

# Grace can be less than the manifest's.
name=$(slipway run -d --stop-timeout 100 localhost/scratch stubborn)
units+=("$name.service")
wait_until 5 "it ignores signals" has_logged "$name" "ignoring all signals"
before=$SECONDS
slipway stop --time 1 "$name"
[ $((SECONDS - before)) -lt 10 ] || fail "one second of grace was $((SECONDS - before))"
slipway rm "$name" 2>/dev/null || true

# --- pause ------------------------------------------------------------------------------------------------------------

slipway start shop-a
if [ "$(stat --file-system --format=%T /sys/fs/cgroup)" = cgroup2fs ]; then
        slipway pause shop-a
        assert_equal "$(show shop-a FreezerState)" frozen "state of what is paused"
        slipway unpause shop-a
        assert_equal "$(show shop-a FreezerState)" running "state of what goes on"
else
        assert_equal "$(status_of slipway pause shop-a)" 1 "status of what cannot be paused"
        assert_contains "$(cat /tmp/words)" "control groups of version 2" "why it cannot"
fi
assert_equal "$(status_of slipway pause elsewhere)" 1 "status of pausing what does not run"
assert_contains "$(cat /tmp/words)" "it does not run" "why it cannot"

# --- rm and --all -----------------------------------------------------------------------------------------------------

assert_equal "$(status_of slipway rm shop-a)" 1 "status of removing what runs"
assert_equal "$(cat /tmp/words)" "slipway: 'shop-a' runs; 'slipway stop shop-a' stops it, and so does --force" "why not"
assert_equal "$(status_of slipway rm --force shop-a)" 1 "status of removing what has a manifest"
assert_contains "$(cat /tmp/words)" "remove '/etc/slipway/shop-a.container' and type 'systemctl daemon-reload'" "what to do"
assert_equal "$(show shop-a ActiveState)" inactive "what was to be removed"

first=$(slipway run -d localhost/busybox sleep 1000)
second=$(slipway run -d localhost/busybox sleep 1000)
slipway kill --all
wait_until 5 "all are dead" sh -c "! systemctl is-active $first $second shop-b"
assert_equal "$(slipway list --quiet 'busybox-*' | sort)" "$(printf '%s\n' "$first" "$second" | sort)" "what has failed"
slipway rm --all
assert_equal "$(slipway list --quiet 'busybox-*')" "" "what is left"
slipway start shop-b
slipway stop --all
assert_equal "$(slipway list --quiet --running)" "" "what runs"

# Nobody may do any of this.
assert_equal "$(status_of setpriv --reuid 65534 --regid 65534 --clear-groups slipway start shop-a)" 1 "status for nobody"
assert_contains "$(cat /tmp/words)" "that is for root, or whom polkit allows to manage units; try sudo" "words for nobody"
