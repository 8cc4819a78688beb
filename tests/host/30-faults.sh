#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A manifest with a mistake is a unit that says what is wrong, and where. It harms no other.
. "$(dirname "$0")/lib.sh"

manifest wrong.container <<'END'
[Container]
Image=localhost/busybox
ReadOnly=maybe
END
manifest typo.container <<'END'
[Container]
Image=localhost/busybox
Imgae=localhost/busybox
END
manifest later.container <<'END'
[Container]
Image=localhost/busybox
SecurityLabelType=spc_t
END
manifest never.container <<'END'
[Container]
Image=localhost/busybox
PodmanArgs=--privileged
END
manifest bare.container <<'END'
[Container]
Exec=sleep 1000
END
manifest right.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
reload

for unit in wrong typo later never bare; do
        assert_equal "$(show $unit LoadState)" loaded "load state of $unit"
        start_fails $unit
        assert_equal "$(show $unit ActiveState)" failed "state of $unit"
        assert_equal "$(show $unit SourcePath)" /etc/slipway/$unit.container "source path of $unit"
done

assert_status wrong "/etc/slipway/wrong.container:3"
assert_status wrong "ReadOnly="
assert_status wrong "'maybe'"
assert_contains "$(systemctl status wrong || true)" "ReadOnly=: " "systemctl status"
line=$(entry wrong "ReadOnly=")
assert_equal "$(jq -r .SLIPWAY_FILE <<<"$line")" /etc/slipway/wrong.container SLIPWAY_FILE
assert_equal "$(jq -r .SLIPWAY_LINE <<<"$line")" 3 SLIPWAY_LINE
assert_equal "$(jq -r .SLIPWAY_KEY <<<"$line")" ReadOnly SLIPWAY_KEY

assert_status typo "typo.container:3"
assert_status typo "Imgae"
assert_status later "not supported yet"
assert_status later "SecurityLabelType"
assert_status never "PodmanArgs"
assert_lacks "$(show never StatusText)" "not supported yet" "status text"
assert_status bare "Image"

start right
assert_active right

# A person is shown the same.
shown=$(slipway check /etc/slipway/wrong.container 2>&1) && fail "slipway check has found nothing"
assert_contains "$shown" "wrong.container:3:" "slipway check"
slipway check /etc/slipway/right.container || fail "slipway check has found something in a sound manifest"

# Mended, it starts.
sed -i 's/maybe/yes/' /etc/slipway/wrong.container
echo 'Exec=sleep 1000' >>/etc/slipway/wrong.container
reload
start wrong
assert_active wrong
