#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Beside ufw: `ufw allow` opens a published port as any other of the machine, and `ufw route allow` lets containers out.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/firewall-lib.sh"

command -v ufw >/dev/null || skip "ufw is not installed"
forget_rules() {
        ufw --force reset >/dev/null
}
at_end+=(forget_rules)

make_town
unmask ufw.service
ufw --force enable >/dev/null
assert_closed "when ufw was enabled, and nobody told Slipway"
systemctl reload slipway-network
assert_closed "when Slipway was told"
restart_town
assert_here "when ufw is enabled"
assert_equal "$(ask near http://192.0.2.2:8000/)" "" "the way out that was not allowed"

ufw route allow in on slipway0 >/dev/null
ufw route allow in on sw-+ >/dev/null
assert_out "when it was allowed"
assert_closed "before it is opened"
ufw allow 8080/tcp >/dev/null
ufw allow 5353/udp >/dev/null
assert_open "when it was opened"
ufw reload >/dev/null
assert_town "after a reload"
systemctl restart ufw
assert_town "when ufw was started again"
ufw delete allow 8080/tcp >/dev/null
assert_equal "$(from_outside out "$published4")" "" "a port that was closed again"

# Beside Docker, whose policy ufw's is, too: ufw goes on deciding.
if command -v dockerd >/dev/null; then
        start_docker
        assert_out "with Docker"
        ufw route delete allow in on sw-+ >/dev/null
        assert_equal "$(ask near http://192.0.2.2:8000/)" "" "the way out that is not allowed any more"
        systemctl stop docker
fi

ufw disable >/dev/null
systemctl reload slipway-network
assert_town "when ufw was disabled"
