#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemctl set-property changes the limits of a running container.
. "$(dirname "$0")/lib.sh"
has_controller memory || skip "this host cannot enforce limits: there is no memory controller in it"

launch pliable <<'END'
[Container]
Image=localhost/scratch
Exec=sleep 1000
END

limit() {
        cat "$(cgroup_file pliable memory memory.limit_in_bytes memory.max)"
}
systemctl set-property --runtime pliable MemoryMax=48M TasksMax=33
assert_equal "$(limit)" $((48 * 1024 * 1024)) "memory limit"
assert_equal "$(cat "$(cgroup_file pliable pids pids.max pids.max)")" 33 "limit of processes"
assert_active pliable

# It outlives a restart, as it does with any service.
systemctl restart pliable
assert_equal "$(limit)" $((48 * 1024 * 1024)) "memory limit after a restart"
systemctl revert pliable
