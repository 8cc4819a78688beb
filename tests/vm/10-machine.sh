#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The machine is what it is to be: a kernel of its own, all controllers in the unified hierarchy, SELinux; and a container
# runs in it, with limits that hold and while SELinux enforces.
. "$(dirname "$0")/lib.sh"

[ "$(systemd-detect-virt --container || true)" = none ] || fail "this is a container"
assert_equal "$(stat -fc %T /sys/fs/cgroup)" cgroup2fs "type of /sys/fs/cgroup"
for controller in cpu cpuset io memory pids; do
        grep -qw $controller /sys/fs/cgroup/cgroup.controllers || fail "there is no controller $controller"
done
selinuxenabled || fail "SELinux is off"
modprobe dm-verity || fail "there is no dm-verity"

launch hello <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
Memory=64m
PidsLimit=30
END
group=/sys/fs/cgroup$(show hello ControlGroup)
assert_equal "$(cat "$group/memory.max")" $((64 * 1024 * 1024)) "memory limit"

# Who takes more than it may is killed, and says so.
launch hungry <<'END'
[Container]
Image=localhost/scratch
Memory=24m
Exec=eat 60

[Service]
MemorySwapMax=0
END
wait_until 60 "it has been killed" is_state hungry failed
assert_lacks "$(journal hungry)" "ate 60 MiB" "journal"
assert_status hungry "memory"

assert_equal "$(inside hello cat /proc/1/comm)" sleep "process 1"
setenforce 1
enforced=$(getenforce)
slipway exec hello true || enforced="$enforced, and slipway exec fails"
setenforce 0
assert_equal "$enforced" Enforcing "mode of SELinux"
stop hello
