#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Any one process of a start dies at any time, and the others live on: launcher, systemd-nspawn and its helper, init, the
# watcher, the app. What is left of the container ends with it, and the next start is a clean one.
. "$(dirname "$0")/lib.sh"

victim() {
        manifest victim.container <<END
[Container]
Image=localhost/busybox
StopSignal=KILL
Exec=sleep 31337
$*

[Service]
TimeoutStartSec=3

[Unit]
StartLimitIntervalSec=0
END
        reload
}
processes() {
        find /sys/fs/cgroup -path '*/slipway.slice/victim.service*' -name cgroup.procs -exec cat {} + 2>/dev/null | sort -nu
}
is_settled() {
        [[ $(show victim ActiveState) =~ ^(active|inactive|failed)$ ]]
}
leftovers() {
        find /var/lib/slipway/containers/victim /run/slipway/containers/victim 2>/dev/null || true
        processes
}

for lines in '' RunInit=yes UserNS=host; do
        victim "$lines"
        for round in 1 2 3 4 5 6 7 8; do
                systemctl start --no-block victim
                sleep "0.0$(printf %02d $((RANDOM % 40)))"
                mapfile -t pids < <(processes)
                if [ ${#pids[@]} != 0 ]; then
                        kill -KILL "${pids[RANDOM % ${#pids[@]}]}" 2>/dev/null || true
                fi
                wait_until 10 "victim has started or failed, in round $round of '$lines'" is_settled
                systemctl stop victim
                assert_equal "$(leftovers)" "" "what is left after a kill in round $round of '$lines'"
        done
done

# Without systemd-nspawn there is no container, nor without process 1.
victim
for who in nspawn first; do
        start victim
        case $who in
        nspawn) kill -KILL "$(show victim MainPID)" ;;
        first) kill -KILL "$(payload victim)" ;;
        esac
        wait_until 10 "victim is dead without its $who" eval '! is_state victim active && ! is_state victim deactivating'
        assert_equal "$(leftovers)" "" "what is left without $who"
done
start victim
stop victim
