#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Everything that systemd does with units is done: templates, instances, drop-ins, masks, [Install], sub-directories.
. "$(dirname "$0")/lib.sh"

# A template, an instance of it by a link, and one by name.
manifest greet@.container <<'END'
[Unit]
Description=Greets %i

[Container]
Image=localhost/busybox
Exec=sh -c 'echo "hello %i"; sleep 1000'

[Install]
WantedBy=greeting.target
DefaultInstance=world
END
ln -s greet@.container /etc/slipway/greet@moon.container

# Drop-ins: for one, for a prefix, for all.
manifest dropped-in.container <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'echo "ONE=$$ONE TWO=$$TWO ALL=$$ALL"; sleep 1000'
END
manifest dropped-in.container.d/10-one.conf <<'END'
[Container]
Environment=ONE=1
END
manifest dropped-.container.d/20-two.conf <<'END'
[Container]
Environment=TWO=2
END
manifest container.d/30-all.conf <<'END'
[Container]
Environment=ALL=3
END

# A mask, and a directory below.
ln -s /dev/null /etc/slipway/masked.container
mkdir -p /run/slipway/manifests
printf '[Container]\nImage=localhost/busybox\n' >/run/slipway/manifests/masked.container
manifest below/deep.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
reload

start greet@mars
assert_journal greet@mars "hello mars"
assert_equal "$(show greet@mars Description)" "Greets mars" "description"
[ -e /run/systemd/generator/greeting.target.wants/greet@world.service ] || fail "the target does not want greet@world"

start greet@moon
assert_journal greet@moon "hello moon"

start dropped-in
assert_journal dropped-in "ONE=1 TWO=2 ALL=3"
systemctl cat dropped-in | grep -q dropped-in.container || fail "the unit does not name its manifest"

[ ! -e /run/systemd/generator/masked.service ] || [ "$(show masked LoadState)" = masked ] ||
        fail "a masked manifest has a unit"
start deep
assert_active deep
rm /run/slipway/manifests/masked.container

# A drop-in for the generated unit is the administrator's last word.
mkdir -p /run/systemd/system/deep.service.d
printf '[Service]\nTasksMax=77\n' >/run/systemd/system/deep.service.d/10-tasks.conf
reload
assert_equal "$(show deep TasksMax)" 77 "TasksMax"
rm -r /run/systemd/system/deep.service.d
