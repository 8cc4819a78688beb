#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What goes wrong most has a kind, which can be searched for, and which journalctl -x explains.
. "$(dirname "$0")/lib.sh"

manifest typo.container <<'END'
[Container]
Imgae=localhost/busybox
END
manifest no-image.container <<'END'
[Container]
Image=localhost/there-is-none
END
manifest no-command.container <<'END'
[Container]
Image=localhost/busybox
Exec=no-such-command
END
manifest no-program.container <<'END'
[Container]
Image=localhost/busybox
Exec=/etc/passwd
END
manifest same@.container <<'END'
[Container]
Image=localhost/busybox
ContainerName=same
Exec=sleep 1000
END
reload

# explained UNIT ID SUBJECT: the unit has one entry of that kind, and it is explained, with the unit's name in it.
explained() {
        start_fails "$1"
        assert_journal "$1" "" "MESSAGE_ID=$2"
        assert_contains "$(journalctl -q --no-pager -x --since="@$started" -u "$1" "MESSAGE_ID=$2")" "$3" "what journalctl -x says"
}

explained typo 3ae6a9a775144f3d9614c03370354a51 "Subject: A manifest of typo.service cannot be translated"
explained no-image e6266e423ef14fdd9d9e88f29a282a01 "Subject: The image of no-image.service is not in the store"
explained no-command 9fe5b4370def4ea4b7446957c534326e "Subject: The command of no-command.service is not in its image"
explained no-program c00413f9f053465cbeb373cd5548a6cf "Subject: The command of no-program.service cannot be executed"

# The generator sees two manifests of one name, not two instances.
start same@1
explained same@2 8d855d6b82e64c1da9a6744221cb128f "Subject: The name of the container of same@2.service is in use"

# What a crash has left is removed at the next start, and that is told.
manifest again.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
reload
mkdir -p /var/lib/slipway/containers/again/upper/old
start again
wait_until 5 "leftovers are told of" has_logged again "has left" MESSAGE_ID=91e22c499a5549c59635cf18bebc98ca
inside again test ! -e /old || fail "what was left is in the new container"
