#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A running container does not feel a daemon-reload, nor that its manifest changes or goes.
. "$(dirname "$0")/lib.sh"

# It is made when it is missing.
rm -rf /run/slipway/units
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
assert_equal "$(payload steady)" "$app" "app"
systemctl restart steady 2>/srv/said && fail "what has no manifest can be started"
assert_contains "$(cat /srv/said)" "refused" "what systemctl says of a start without a manifest"
assert_active steady
assert_contains "$(systemctl cat steady)" "The manifest is gone" "the unit"
reload
stop steady

# Without a manifest all is cleaned up as with one, by the commands of the unit that there was; and then that is gone, too.
nothing_of() {
        find /run/slipway /var/lib/slipway/containers -name "*$1*" ! -name "*.lock" ! -name "*.last" ! -path '*/manifests/*' ! -path '*/stdio/*' 2>/dev/null
        ip -o link show | grep -o "sw-$1" || true
        # Addresses are remembered.
        grep -rs "$1" /run/slipway/net | grep -vE '~|:#' || true
}
assert_equal "$(nothing_of steady)" "" "what is left of a container whose manifest was gone"
reload
assert_equal "$(show steady LoadState)" not-found "the unit when it has been stopped"

manifest leaving.network <<'END'
[Network]
END
manifest leaving.pod <<'END'
[Pod]
Network=leaving.network
END
manifest leaving.volume <<'END'
[Volume]
END
manifest leaving@.container <<'END'
[Container]
Image=localhost/busybox
Pod=leaving.pod
Volume=leaving.volume:/data
Exec=sleep 1000
StopSignal=KILL
[Service]
Restart=always
RestartSec=0
END
reload
start leaving@1
rm /etc/slipway/leaving*
reload
# What is killed is started again, as the unit says, and that is still what it was.
systemctl kill --kill-whom=main --signal=KILL leaving@1
wait_until 10 "it is started again" eval '[ "$(show leaving@1 NRestarts)" = 1 ] && is_state leaving@1 active'
reload
assert_active leaving@1
ip -o link show sw-leaving >/dev/null || fail "there is no bridge"
units+=(leaving@1.service leaving-pod.service leaving-network.service leaving-volume.service)
systemctl stop leaving@1 leaving-pod leaving-network leaving-volume
assert_equal "$(nothing_of leaving | grep -vE '/volumes/|/leases/')" "" "what is left where all manifests were gone"
reload
for unit in leaving@1 leaving-pod leaving-network leaving-volume; do
        assert_equal "$(show $unit LoadState)" not-found "$unit when it has been stopped"
done

# And with a mistake in it by now.
launch broken <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
echo Nonsense=yes >>/etc/slipway/broken.container
reload
systemctl restart broken 2>/dev/null && fail "it starts with a mistake in its manifest"
assert_status broken "Nonsense"
assert_equal "$(nothing_of broken)" "" "what is left of a container whose manifest has a mistake by now"

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
