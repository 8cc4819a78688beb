#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Limits are systemd's, and are felt: memory, processes, CPU time.
. "$(dirname "$0")/lib.sh"
has_controller memory || skip "this host cannot enforce limits: there is no memory controller in it"

launch hungry <<'END'
[Container]
Image=localhost/scratch
Memory=64m
Exec=eat 200

[Service]
MemorySwapMax=0
END
wait_until 20 "it has been killed" is_state hungry failed
assert_lacks "$(journal hungry)" "ate 200 MiB" "journal"

launch modest <<'END'
[Container]
Image=localhost/scratch
Memory=64m
Exec=eat 20
END
wait_until 10 "it has eaten its fill" has_logged modest "ate 20 MiB"
assert_equal "$(cat "$(cgroup_file modest memory memory.limit_in_bytes memory.max)")" $((64 * 1024 * 1024)) "memory limit"

launch fertile <<'END'
[Container]
Image=localhost/scratch
PidsLimit=20
Exec=fork 100
END
wait_until 10 "it has forked" has_logged fertile "of 100"
forked=$(journal fertile | sed -n 's/^forked \([0-9]*\) of 100$/\1/p')
[ "$forked" -ge 10 ] && [ "$forked" -lt 20 ] || fail "forked $forked processes within a limit of 20"

# A fifth of a CPU, measured over two seconds.
launch busy <<'END'
[Container]
Image=localhost/scratch
Exec=spin

[Service]
CPUQuota=20%
END
app=$(payload busy)
ticks() {
        awk '{ print $14 + $15 }' "/proc/$app/stat"
}
before=$(ticks)
sleep 2
used=$((($(ticks) - before) * 100 / $(getconf CLK_TCK) / 2))
[ "$used" -ge 5 ] && [ "$used" -le 35 ] || fail "used $used % of a CPU with a quota of 20 %"
