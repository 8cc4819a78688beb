#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The launcher, systemd-nspawn and init can be killed at any time: nothing stays, and the next start is a clean one.
. "$(dirname "$0")/lib.sh"

manifest victim.container <<'END'
[Container]
Image=localhost/busybox
Tmpfs=/scratch
Exec=sh -c "test ! -e /left && touch /left && trap 'exit 0' TERM; while :; do sleep 0.05; done"

[Service]
StartLimitIntervalSec=0

[Unit]
StartLimitIntervalSec=0
END
reload
start victim
stop victim
mounts=$(wc -l </proc/self/mountinfo)

leftovers() {
        find /var/lib/slipway/containers/victim /run/slipway/containers/victim 2>/dev/null || true
}
assert_equal "$(leftovers)" "" "what is left after an orderly stop"

# At some time within the first milliseconds, then a bit later, and so on: the start, or what came of it, dies.
for delay in 0 1 2 3 4 5 6 8 10 12 15 20 30; do
        systemctl start --no-block victim
        sleep "0.0$(printf %02d "$delay")"
        systemctl kill --signal=KILL victim 2>/dev/null || true
        wait_until 20 "victim is dead after $delay ms" eval '! is_state victim activating && ! is_state victim deactivating'
        systemctl stop victim
        assert_equal "$(leftovers)" "" "what is left after a kill at $delay ms"
        assert_equal "$(wc -l </proc/self/mountinfo)" "$mounts" "number of mounts after a kill at $delay ms"
        systemctl reset-failed victim 2>/dev/null || true
done

# Without anybody to clean up behind it, the next start does.
mkdir -p /etc/systemd/system/victim.service.d
printf '[Service]\nExecStopPost=\n' >/etc/systemd/system/victim.service.d/no-clean.conf
reload
start victim
systemctl kill --signal=KILL victim
wait_until 20 "victim is dead" eval '! is_state victim active && ! is_state victim deactivating'
[ -n "$(leftovers)" ] || fail "nothing was left to clean up, so this proves nothing"
systemctl reset-failed victim
start victim
sleep 0.3
assert_active victim
stop victim
rm -r /etc/systemd/system/victim.service.d
reload
start victim
stop victim
assert_equal "$(leftovers)" "" "what is left in the end"
