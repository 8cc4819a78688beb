#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# systemd has nothing to say against the units, ours and those that have been generated.
. "$(dirname "$0")/lib.sh"

manifest whole.container <<'END'
[Unit]
Description=Has a bit of everything
After=network.target

[Container]
Image=localhost/nginx
ContainerName=whole
Network=host
Memory=100m
PidsLimit=100
Volume=/srv:/data:ro
Environment=A=1
User=33
ReadOnly=yes
Tmpfs=/var/cache
DropCapability=all
AddCapability=net_bind_service
StopTimeout=5

[Service]
Restart=always

[Install]
WantedBy=multi-user.target
END
reload
said=$(systemd-analyze verify --man=no /run/systemd/generator/whole.service 2>&1) || fail "$said"
assert_equal "$said" "" "what systemd-analyze says"
said=$(journalctl --quiet --no-pager --output=cat --since="@$started" --identifier=systemd |
        grep -E '/(run/systemd/generator|usr/lib/systemd/system)/.*(slipway|whole).*: ' || true)
assert_equal "$said" "" "what systemd has said while loading"
assert_contains "$(show multi-user.target Wants)" whole.service "wants of multi-user.target"
