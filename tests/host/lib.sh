# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# What scenarios are written with. A scenario is sourced by nobody, runs as root in a private host, ends with status 0
# if all was as it should be, and with 77 and a reason as its last line if it cannot be run here.

set -euo pipefail

started=$(date +%s.%6N)
units=()
# What else is to be done at the end, however that comes.
at_end=()

# --- asking for things ------------------------------------------------------------------------------------------------

# Writes standard input to a file in /etc/slipway, and remembers its unit.
manifest() {
        mkdir -p "$(dirname "/etc/slipway/$1")"
        cat >"/etc/slipway/$1"
        case $1 in
        */*) ;;
        *@.container) ;;
        *.container) units+=("${1%.container}.service") ;;
        esac
}

reload() {
        systemctl daemon-reload
}

# Writes a manifest, and starts its unit: launch web <<END
launch() {
        manifest "$1.container"
        reload
        start "$1"
}

start() {
        units+=("${1%.service}.service")
        systemctl start "$1" || fail "$1 does not start"
}

start_fails() {
        units+=("${1%.service}.service")
        ! systemctl start "$1" 2>/dev/null || fail "$1 starts, and should not"
}

stop() {
        systemctl stop "$1" || fail "$1 does not stop"
}

show() {
        systemctl show --value --property "$2" "$1"
}

# Process id of the app, as the host sees it: the only child of systemd-nspawn.
payload() {
        local nspawn
        nspawn=$(show "$1" MainPID)
        cat "/proc/$nspawn/task/$nspawn/children" | awk '{ print $1 }'
}

# Runs a command of the image in the container of a unit, as its root.
inside() {
        local pid
        pid=$(payload "$1")
        shift
        nsenter --target "$pid" --mount --uts --ipc --net --pid --user --setuid 0 --setgid 0 --root --wd "$@"
}

# What a unit has logged since the scenario began, messages only.
journal() {
        journalctl --quiet --no-pager --output=cat --since="@$started" --unit="$1" "${@:2}"
}

# --- making sure ------------------------------------------------------------------------------------------------------

fail() {
        echo "$*"
        exit 1
}

skip() {
        echo "$*"
        exit 77
}

# wait_until SECONDS WHAT COMMAND…
wait_until() {
        local deadline=$((SECONDS + $1)) what=$2
        shift 2
        until "$@" >/dev/null 2>&1; do
                [ $SECONDS -lt $deadline ] || fail "waited in vain: $what"
                sleep 0.05
        done
}

is_state() {
        [ "$(show "$1" ActiveState)" = "$2" ]
}

wait_active() {
        wait_until 15 "$1 is active" is_state "$1" active
}

wait_state() {
        wait_until 20 "$1 is $2" is_state "$1" "$2"
}

assert_equal() {
        [ "$1" = "$2" ] || fail "${3:-value} is '$1', expected '$2'"
}

assert_contains() {
        [[ $1 == *"$2"* ]] || fail "${3:-text} lacks '$2': $1"
}

assert_lacks() {
        [[ $1 != *"$2"* ]] || fail "${3:-text} has '$2': $1"
}

assert_active() {
        assert_equal "$(show "$1" ActiveState)" active "state of $1"
}

assert_status() {
        assert_contains "$(show "$1" StatusText)" "$2" "status text of $1"
}

has_logged() {
        local entries
        entries=$(journal "$1" "${@:3}")
        [[ -n $entries && $entries == *"$2"* ]]
}

# assert_journal UNIT TEXT [FIELD=VALUE…]; an empty text is in every entry
assert_journal() {
        wait_until 20 "the journal of $1 has '$2' with ${*:3}" has_logged "$@"
}

# The fields of the first journal entry of a unit that has a text in its message, as JSON.
entry() {
        wait_until 20 "the journal of $1 has '$2'" has_logged "$1" "$2"
        journal "$1" --output=json |
                jq -s --arg text "$2" 'map(select(.MESSAGE | type == "string" and contains($text))) | first'
}

# --- the end ----------------------------------------------------------------------------------------------------------

# Where a limit or a count of a unit is to be read: cgroup_file UNIT CONTROLLER V1-NAME V2-NAME
cgroup_file() {
        local group
        group=$(show "$1" ControlGroup)
        if [ -e "/sys/fs/cgroup$group/cgroup.controllers" ]; then
                echo "/sys/fs/cgroup$group/$4"
        else
                echo "/sys/fs/cgroup/$2$group/$3"
        fi
}

# Whether limits of a controller (memory, pids, cpu) can be enforced in this host.
has_controller() {
        [ -d "/sys/fs/cgroup/$1" ] || grep -qw "$1" /sys/fs/cgroup/cgroup.controllers 2>/dev/null
}

finish() {
        local status=$? unit
        trap - EXIT
        set +e
        if [ $status != 0 ] && [ $status != 77 ]; then
                for unit in $(printf '%s\n' "${units[@]}" | sort -u); do
                        echo "--- $unit"
                        systemctl cat "$unit" 2>/dev/null | grep -E '^(ExecStart|Image|Kind)='
                        systemctl status --no-pager --lines=0 "$unit"
                        journalctl --quiet --no-pager --since="@$started" --unit="$unit" --lines=30
                done
        fi
        # Many an app here is process 1 and deaf to SIGTERM; nobody has to wait for that.
        if [ ${#units[@]} != 0 ]; then
                systemctl stop --no-block "${units[@]}" 2>/dev/null
                systemctl kill --kill-whom=main --signal=KILL "${units[@]}" 2>/dev/null
                timeout 60 systemctl stop "${units[@]}" 2>/dev/null
        fi
        for unit in "${at_end[@]}"; do
                $unit
        done
        find /etc/slipway -mindepth 1 -delete
        systemctl daemon-reload
        systemctl reset-failed
        exit $status
}
trap finish EXIT
trap 'echo "$BASH_SOURCE:$LINENO: $BASH_COMMAND"' ERR
