#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a container writes before it ends is in the journal under its unit, however soon it ends.
. "$(dirname "$0")/lib.sh"

manifest brief@.container <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'echo "by out %i"; echo "by err %i" >&2; echo "by name %i" >/dev/stdout; echo "by bad name %i" >/dev/stderr; exit 3'
END
manifest pipe@.container <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'for i in $(seq 1 50); do echo "line %i"; done; echo "by name %i" >/dev/stdout'

[Slipway]
Console=pipe

[Service]
Type=oneshot
END
reload
for i in 1 2 3 4 5 6 7 8; do
        # Whether that is a start that has failed, or a container that has, is a matter of milliseconds.
        systemctl start "brief@$i" 2>/dev/null || true
        systemctl start "pipe@$i" || fail "pipe@$i does not start"
done
for i in 1 2 3 4 5 6 7 8; do
        for text in "by out" "by err" "by name" "by bad name"; do
                assert_journal "brief@$i" "$text $i"
        done
        assert_journal "pipe@$i" "by name $i"
        assert_equal "$(journal "pipe@$i" | grep -c "^line $i$")" 50 "lines of pipe@$i"
done
assert_equal "$(entry brief@3 "by bad name" | jq -r .IMAGE_NAME)" localhost/busybox IMAGE_NAME
