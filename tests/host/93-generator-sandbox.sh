#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Newer service managers run generators with all but /run read-only, and early ones before /var is there. Nothing of
# that shows in the units.
. "$(dirname "$0")/lib.sh"

manifest one.container <<'END'
[Container]
Image=localhost/busybox
Volume=/srv/one:/data

[Install]
WantedBy=multi-user.target
END
printf '[Container]\nReadOnly=maybe\n' >/etc/slipway/two.container

mkdir -p /run/outside /run/confined
generator=/usr/lib/systemd/system-generators/slipway-generator
! SYSTEMD_SCOPE=system $generator /run/outside /run/outside /run/outside 2>/dev/null || fail "a bad manifest is no failure"

sandbox=(--quiet --wait --pipe --collect
        --property=ProtectSystem=strict --property=ReadWritePaths=/run --property=PrivateTmp=yes
        --property=InaccessiblePaths=/var --property=InaccessiblePaths=/home
        --property=PrivateNetwork=yes
        --property=TasksMax=1)
status=0
systemd-run "${sandbox[@]}" --setenv=SYSTEMD_SCOPE=system $generator /run/confined /run/confined /run/confined || status=$?
assert_equal "$status" 1 "exit status"

[ -e /run/confined/one.service ] || fail "there is no unit"
diff -r /run/outside /run/confined || fail "the sandbox makes a difference"
rm -r /run/outside /run/confined
