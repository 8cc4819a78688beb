#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A running container does not feel a daemon-reload, nor that its manifest changes or goes.
. "$(dirname "$0")/lib.sh"

launch steady <<'END'
[Container]
Image=localhost/scratch
Exec=sleep 1000
END
pid=$(show steady MainPID) app=$(payload steady)

for _ in 1 2 3; do
        reload
done
echo 'Environment=NEW=yes' >>/etc/slipway/steady.container
reload
assert_active steady
assert_equal "$(show steady MainPID)" "$pid" "main process"
assert_equal "$(payload steady)" "$app" "app"

rm /etc/slipway/steady.container
reload
assert_active steady
stop steady

# The same manifests give the same bytes.
manifest same.container <<'END'
[Container]
Image=localhost/busybox
Environment=B=2 A=1
Label=z=1 a=2
END
reload
before=$(sha256sum /run/systemd/generator/same.service)
reload
assert_equal "$(sha256sum /run/systemd/generator/same.service)" "$before" "generated unit"
