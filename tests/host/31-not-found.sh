#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A command that is missing or cannot be executed fails the start, not the container afterwards.
. "$(dirname "$0")/lib.sh"

manifest missing.container <<'END'
[Container]
Image=localhost/busybox
Exec=no-such-command
END
manifest plain.container <<'END'
[Container]
Image=localhost/busybox
Exec=/etc/passwd
END
manifest lost.container <<'END'
[Container]
Image=localhost/busybox
WorkingDir=/no/such/directory/but/made
Exec=pwd
END
manifest nobody.container <<'END'
[Container]
Image=localhost/busybox
User=no-such-user
Exec=id
END
reload

start_fails missing
assert_equal "$(show missing ActiveState)" failed "state"
assert_equal "$(show missing ExecMainStatus)" 127 "exit status"
assert_status missing no-such-command
assert_journal missing no-such-command

start_fails plain
assert_equal "$(show plain ExecMainStatus)" 126 "exit status"
assert_status plain /etc/passwd

start_fails nobody
assert_status nobody no-such-user

# Without systemd-nspawn there is nothing to become; the reason says where it comes from.
manifest stranded.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
reload
mv /usr/bin/systemd-nspawn /usr/bin/systemd-nspawn.away
start_fails stranded
mv /usr/bin/systemd-nspawn.away /usr/bin/systemd-nspawn
assert_status stranded systemd-container
start stranded
assert_active stranded
