#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A directory of the administrator as root: what the container is told in files covers what is there, and replaces
# nothing of it.
. "$(dirname "$0")/lib.sh"

tree=/srv/rootfs
mkdir -p $tree/{bin,etc,run/resolve,usr/share}
cp /srv/images/busybox/bin/busybox $tree/bin/ 2>/dev/null || cp "$(command -v busybox)" $tree/bin/ 2>/dev/null || {
        layer=$(find /var/lib/slipway/layers/*/fs/bin/busybox 2>/dev/null | head -n 1)
        [ -n "$layer" ] || skip "there is no busybox to put into the tree"
        cp "$layer" $tree/bin/
}
ln -sf busybox $tree/bin/sh
ln -sf busybox $tree/bin/cat
ln -sf busybox $tree/bin/sleep
echo 'nameserver 192.0.2.1' >$tree/run/resolve/stub.conf
ln -sf ../run/resolve/stub.conf $tree/etc/resolv.conf
ln -sf /nowhere/hosts $tree/etc/hosts
echo kept >$tree/etc/hostname

launch rooted <<END
[Container]
Rootfs=$tree
DNS=192.0.2.53
StopSignal=KILL
Exec=/bin/sh -c 'echo resolv: \$\$(cat /etc/resolv.conf); echo name: \$\$(cat /etc/hostname); echo made >/etc/made; sleep 1000'
END
wait_until 10 "the app has written" test -e $tree/etc/made
assert_journal rooted "resolv: nameserver 192.0.2.53"
assert_journal rooted "name: rooted"
stop rooted

assert_equal "$(readlink $tree/etc/resolv.conf)" ../run/resolve/stub.conf "the link"
assert_equal "$(cat $tree/run/resolve/stub.conf)" "nameserver 192.0.2.1" "what it leads to"
assert_equal "$(readlink $tree/etc/hosts)" /nowhere/hosts "the link that leads nowhere"
assert_equal "$(cat $tree/etc/hostname)" kept "the file"
assert_equal "$(cat $tree/etc/made)" made "what the app wrote"
