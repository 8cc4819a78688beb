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

# --- inspect: what was asked for, what was made of it, and what the kernel enforces
mkdir -p /etc/slipway/looked-at.container.d
printf '[Container]\nEnvironment=COLOUR=blue\n' >/etc/slipway/looked-at.container.d/10-colour.conf
reload
systemctl restart looked-at
get() {
        slipway inspect looked-at | jq -r ".[0].$1"
}
app=$(payload looked-at)
assert_equal "$(get pid)" "$app" "process of the app"
assert_equal "$(get 'manifest_dropins[0]')" /etc/slipway/looked-at.container.d/10-colour.conf "drop-in"
assert_equal "$(get unit_file)" /run/systemd/generator/looked-at.service "unit file"
assert_equal "$(get image.id)" "$(slipway inspect --type image localhost/nginx -f '{{.Id}}')" "image"
assert_equal "$(get 'uid_map[0].host')" "$(awk -F= '$1 == "BASE" { print $2 }' /run/slipway/containers/looked-at)" "ids"
assert_contains "$(get 'environment | join(" ")')" COLOUR=blue "environment"
assert_contains "$(get 'command | join(" ")')" "nginx -g daemon off;" "command"
assert_equal "$(get 'capabilities.bounding | length')" 11 "capabilities"
assert_contains "$(get 'capabilities.bounding | join(" ")')" cap_chown "capabilities"
assert_contains "$(get 'seccomp.syscalls | join(" ")')" openat "system calls"
assert_lacks "$(get 'seccomp.syscalls | join(" ")')" keyctl "system calls"
assert_equal "$(get 'seccomp.syscalls | length')" "$(get seccomp.allowed)" "their number"
[ "$(get seccomp.allowed)" -gt 200 ] || fail "only $(get seccomp.allowed) system calls are allowed"
assert_equal "$(get namespaces.time)" host "the namespace of times"
assert_lacks "$(get namespaces.user)" host "the namespace of users"
assert_contains "$(get 'mounts | map(.target) | join(" ")')" /etc/resolv.conf "mounts"
assert_contains "$(get 'addresses | map(.address) | join(" ")')" 127.0.0.1 "addresses"
assert_equal "$(slipway inspect -f '{{.State.Active}} {{.Pid}}' looked-at)" "active $app" "a template"
told=$(slipway inspect looked-none 2>/dev/null) && fail "what is not there is inspected"
assert_equal "$told" "[]" "all about nothing"

# --- logs
launch looked-talker <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'i=0; while [ $i -lt 300 ]; do printf 0123456789; i=$((i+1)); done; echo; echo first; sleep 1; echo last; exec sleep 1000'
StopSignal=KILL
END
assert_journal looked-talker last
assert_equal "$(slipway logs -o cat --no-pager looked-talker --tail 1)" last "the last line"
[ "$(slipway logs -o cat -S "@$started" looked-talker | awk 'length == 3000' | wc -l)" = 1 ] || fail "a long line is not whole"
assert_contains "$(slipway logs looked-talker.service -S 10m)" first "lines since ten minutes"
assert_equal "$(slipway logs -q looked-talker --until 2000-01-01T00:00:00Z -o cat)" "" "lines of another time"
assert_contains "$(slipway logs --image localhost/busybox:latest -o cat)" last "lines by image"
told=$(slipway logs looked-none 2>&1) && fail "logs of what is not there"
assert_contains "$told" "there is no container 'looked-none'" "a fault about names"
{ timeout 5 slipway logs -f -n 0 -o cat looked-talker || true; } >/tmp/followed &
follower=$!
sleep 0.5
logger_pid=$(payload looked-talker)
[ -n "$logger_pid" ]
stop looked-talker
wait_until 5 "what is logged is followed" grep -q Stopped /tmp/followed
kill $follower 2>/dev/null || true
rm /etc/slipway/looked-talker.container
reload
assert_contains "$(slipway logs -o cat looked-talker)" last "lines of what is gone"

stop looked-at
told=$(slipway top looked-at 2>&1) && fail "what is stopped has processes"
assert_contains "$told" "the container 'looked-at' does not run; 'systemctl start looked-at' starts it" "what to do next"

# --- events
launch looked-dies <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'sleep 0.3; exit 7'
StopSignal=KILL
END
wait_state looked-dies failed
slipway import oci-archive:/srv/images/busybox.oci.tar localhost/looked-event >/dev/null
slipway rmi localhost/looked-event >/dev/null
journalctl --sync
events=$(slipway events --since "@${started%.*}" --format '{{.Type}} {{.Action}} {{.Name}} {{.Detail}}')
for event in "container start looked-dies done" "container die looked-dies 7" "container fail looked-dies exit-code" \
        "image import localhost/looked-event:latest sha256:" "image remove localhost/looked-event:latest sha256:" \
        "container stop looked-at done" "container start looked-orphan done"; do
        assert_contains "$events" "$event" "events"
done
assert_equal "$(slipway events --since "@${started%.*}" --json looked-dies | jq -r .action | head -n 1)" start "an event for programs"
assert_lacks "$(slipway events --since 10m looked-dies)" looked-at "events of one container"
assert_lacks "$events" "systemd-journald" "events"
assert_equal "$(slipway events --until 2000-01-01T00:00:00Z)" "" "events before there were any"
{ timeout 5 slipway events -f looked-at || true; } >/tmp/followed-events &
sleep 0.3
systemctl start looked-at
wait_until 5 "an event is followed" grep -q "container start looked-at" /tmp/followed-events
