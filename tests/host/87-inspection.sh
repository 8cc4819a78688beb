#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Who asks about containers gets an answer: the list, processes and what they use.
. "$(dirname "$0")/lib.sh"

launch looked-at <<'END'
[Container]
Image=localhost/nginx
Memory=200m
PidsLimit=50
END
manifest looked-orphan.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
END
reload
start looked-orphan

# --- list: a container whose manifest is gone still runs, and is still there
rm /etc/slipway/looked-orphan.container
reload
field() {
        slipway list --json | jq -r --arg name "$1" ".[] | select(.name == \$name) | .$2"
}
assert_equal "$(field looked-orphan state)" active "state of what has lost its manifest"
assert_equal "$(field looked-orphan unit)" looked-orphan.service "its unit"
assert_equal "$(field looked-orphan source)" null "its manifest"
systemctl stop looked-orphan
assert_equal "$(field looked-orphan state)" "" "state of what has ended without a manifest"

assert_equal "$(slipway list --format '{{.Names}} {{.State}}' looked-at)" "looked-at active" "a line by template"
assert_equal "$(slipway list --format 'table {{.Name}}\t{{.State}}' looked-at)" "$(printf 'NAME       STATE\nlooked-at  active')" "a table by template"
told=$(slipway list --format '{{.Nam}}' 2>&1) && fail "a field that is not there is taken"
assert_contains "$told" "there is no field '.Nam'; there are .Name .State" "a fault about fields"
assert_equal "$(slipway list --json nobody-at-all)" "[]" "a list of nothing"

# --- top: users and numbers as the container has them
top=$(slipway top looked-at)
assert_contains "$top" "nginx: master process" "processes"
assert_contains "$top" "www-data" "users of the image"
assert_lacks "$top" "systemd-nspawn" "processes"
master=$(payload looked-at.service)
assert_equal "$(slipway top looked-at.service pid,hpid,user,args | awk '$1 == 1 { print $2, $3 }')" "$master root" "process 1"
assert_equal "$(slipway top looked-at --json -o hpid,huser | jq -r ".[] | select(.hpid == $master) | .huser")" \
        "$(awk '/^Uid:/ { print $2 }' "/proc/$master/status")" "user as the host has it"
assert_contains "$(slipway top looked-at -ef | head -n 1)" "USER" "columns as ps has them"
told=$(slipway top looked-at nothing 2>&1) && fail "a column that is not there is taken"
assert_contains "$told" "there is no column 'nothing'; there are args comm" "a fault about columns"
told=$(slipway top looked-ax 2>&1) && fail "a container that is not there is taken"
assert_contains "$told" "did you mean 'looked-at'?" "a fault about names"

# --- stats
stats() {
        slipway stats --json -i 0.2 --no-stream looked-at | jq -r ".[0].$1"
}
assert_equal "$(stats pids_limit)" 50 "limit of processes"
[ "$(stats pids)" -ge 3 ] || fail "nginx has less than three processes"
if has_controller memory; then
        assert_equal "$(stats memory_limit)" $((200 << 20)) "limit of memory"
        [ "$(stats memory)" -gt 100000 ] || fail "nginx needs no memory"
fi
[ "$(stats cpu)" != null ] || fail "nginx needs no time"
assert_equal "$(slipway stats -i 0.2 --no-stream looked-at | wc -l)" 2 "lines without a terminal"

# One that computes all the time has about a processor for itself.
launch looked-busy <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'while :; do :; done'
StopSignal=KILL
END
busy=$(slipway stats --json -i 0.5 --no-stream looked-busy | jq '.[0].cpu_percent')
jq -n --exit-status "$busy > 5 and $busy < 250" >/dev/null || fail "a loop uses $busy % of a processor"
stop looked-busy

stop looked-at
told=$(slipway top looked-at 2>&1) && fail "what is stopped has processes"
assert_contains "$told" "the container 'looked-at' does not run; 'systemctl start looked-at' starts it" "what to do next"
