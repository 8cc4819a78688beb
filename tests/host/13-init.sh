#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# RunInit= keeps a reaping process 1 that forwards signals and hands on the exit status.
. "$(dirname "$0")/lib.sh"

launch reaper <<'END'
[Container]
Image=localhost/scratch
RunInit=yes
Exec=orphan 1000
END
wait_until 5 "there is an orphan" has_logged reaper "left an orphan"

zombies() {
        local pid count=0
        for pid in $(cat "$(cgroup_file reaper systemd cgroup.procs cgroup.procs)"); do
                ! grep -q '^State:.Z' "/proc/$pid/status" 2>/dev/null || count=$((count + 1))
        done
        [ $count = 0 ]
}
wait_until 5 "the orphan has been reaped" zombies
app=$(cat /proc/"$(payload reaper)"/task/*/children | awk '{ print $1 }')
assert_equal "$(cat "/proc/$app/comm")" app "child of process 1"
stop reaper
assert_equal "$(show reaper Result)" success "result"

launch status <<'END'
[Container]
Image=localhost/scratch
RunInit=yes
Exec=exit 7
END
wait_state status failed
assert_equal "$(show status ExecMainStatus)" 7 "exit status"
