#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemctl status says in words why a container has ended.
. "$(dirname "$0")/lib.sh"

# has_ended NAME RESULT STATUS-TEXT MESSAGE-ID
has_ended() {
        wait_state "$1" failed
        assert_equal "$(show "$1" Result)" "$2" "result of $1"
        assert_status "$1" "$3"
        assert_journal "$1" "$3" "MESSAGE_ID=$4"
}
ended=62ca287dc69e4e999944970e0b8fc58e not_ready=8e9a4913214c4e2692561fc4793da683
no_memory=d8270ccd1c274d3c8516b5cfdd195bce watchdog=633ca03901c145bd84892f53d9bd7d04

launch status <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'sleep 0.2; exit 3'
END
has_ended status exit-code "the app has ended with status 3" $ended
assert_equal "$(entry status "with status 3" | jq -r '.EXIT_CODE + .EXIT_STATUS')" exited3 "fields of the entry"

launch crash <<'END'
[Container]
Image=localhost/busybox
RunInit=yes
Exec=sh -c 'sleep 0.2; kill -SEGV $$$$'
END
has_ended crash exit-code "status 139, which stands for SIGSEGV" $ended

# systemd-nspawn makes a status of 1 of any signal; its words tell which it was. Nothing of them is left behind.
for console in journal pipe direct null terminal interactive; do
        launch "segfault-$console" <<END
[Container]
Image=localhost/python
Exec=python3 -c 'import ctypes, time; time.sleep(0.2); ctypes.string_at(0)'

[Slipway]
Console=$console
END
        has_ended "segfault-$console" exit-code "the app was killed by SIGSEGV" $ended
        assert_lacks "$(journal "segfault-$console")" "terminated by signal" "words that are told already"
        [ ! -e "/run/slipway/containers/.segfault-$console.nspawn" ] || fail "words are left"
done

# They are not where the app writes, which has its standard error as before.
launch errors <<'END'
[Container]
Image=localhost/busybox
RunInit=yes
Exec=sh -c 'echo to standard error >&2; ls -l /proc/1/fd /proc/self/fd; sleep 1000'
END
assert_journal errors "to standard error"
assert_equal "$(entry errors "to standard error" | jq -r .PRIORITY)" 3 "priority"
assert_lacks "$(journal errors)" .nspawn "descriptors in the container"
assert_contains "$(readlink "/proc/$(show errors MainPID)/fd/2")" /run/slipway/containers/.errors.nspawn "where nspawn writes"
stop errors

# What else it says is in the journal, and why it could not begin is in the status as well.
manifest unbegun.container <<'END'
[Container]
Image=localhost/busybox
Exec=true

[Service]
Environment=SYSTEMD_NSPAWN_API_VFS_WRITABLE=neither
END
reload
start_fails unbegun
assert_status unbegun ": Failed to parse "
assert_journal unbegun "systemd-nspawn: Failed to parse "

if has_controller memory; then
        launch hungry <<'END'
[Container]
Image=localhost/busybox
Memory=32m
Exec=sh -c 'sleep 0.2; exec tail /dev/zero'
END
        has_ended hungry exit-code "out of memory: the kernel has killed 1 of the container's processes at the limit Memory=, which is 32M" \
                $no_memory
fi

# Never ready. It is told to end like any other, and how it does so is not the story.
manifest late.container <<'END'
[Container]
Image=localhost/busybox
Notify=yes
Exec=sh -c 'trap "exit 0" TERM; while :; do sleep 0.1; done'

[Service]
TimeoutStartSec=1
END
reload
start_fails late
has_ended late timeout "no READY=1 has come from the app before TimeoutStartSec= was over" $not_ready

manifest early.container <<'END'
[Container]
Image=localhost/busybox
Notify=yes
Exec=true
END
reload
start_fails early
has_ended early protocol "the app has ended with status 0, before it was ready" $ended

# A watchdog that nobody feeds any more.
manifest silent.container <<'END'
[Container]
Image=localhost/python
Notify=yes
Volume=/srv/tests/host/apps/notifier.py:/notifier.py:ro
Exec=python3 /notifier.py env send:READY=1|STATUS=fine watchdog:4 sleep:1000

[Service]
WatchdogSec=1
END
reload
start silent
assert_journal silent "WATCHDOG_USEC=1000000"
assert_journal silent "WATCHDOG_PID=None"
sleep 1.2
assert_active silent
has_ended silent watchdog "no WATCHDOG=1 has come for as long as WatchdogSec= has it" $watchdog

# The same with UserNS=host, and Restart= has its way.
manifest again.container <<'END'
[Container]
Image=localhost/python
Notify=yes
UserNS=host
Volume=/srv/tests/host/apps/notifier.py:/notifier.py:ro
Exec=python3 /notifier.py send:READY=1 watchdog:3 sleep:1000

[Service]
WatchdogSec=1
Restart=on-watchdog
RestartSec=0
END
reload
start again
wait_until 10 "it was started again" eval '[ "$(show again NRestarts)" -ge 1 ]'
stop again

launch stubborn <<'END'
[Container]
Image=localhost/busybox
StopTimeout=1
Exec=sh -c 'trap "echo no" TERM; echo ready; while :; do sleep 0.1; done'
END
wait_until 5 "it is ready" has_logged stubborn ready
systemctl stop stubborn
has_ended stubborn timeout "the app has not ended within StopTimeout= after SIGTERM, and was killed" $ended

launch shot <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
systemctl kill --kill-whom=main --signal=KILL shot
has_ended shot signal "systemd-nspawn was killed by SIGKILL, and the container with it" $ended

# What was said of a start that has failed stays.
manifest missing.container <<'END'
[Container]
Image=localhost/busybox
Exec=/no/such/program
END
reload
start_fails missing
assert_status missing "cannot execute '/no/such/program'"

# A watchdog that nobody can feed.
manifest unfed.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000

[Service]
WatchdogSec=1
END
reload
start unfed
assert_journal unfed "WatchdogSec= will have the container killed: nobody says WATCHDOG=1"
has_ended unfed watchdog "no WATCHDOG=1 has come" $watchdog
