#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Users and groups are those of the image.
. "$(dirname "$0")/lib.sh"

run_as() {
        local name=$1
        shift
        launch "$name" < <(
                printf '[Container]\nImage=localhost/busybox\nExec=sh -c "id; id -G; sleep 1000"\n'
                printf '%s\n' "$@"
        )
        wait_until 5 "$name says who it is" has_logged "$name" uid=
}

run_as root
assert_journal root "uid=0(root) gid=0(root)"
run_as by-name User=www-data
assert_journal by-name "uid=33(www-data) gid=33(www-data)"
run_as by-number User=1234 Group=4321
assert_journal by-number "uid=1234 gid=4321"
run_as mixed User=www-data Group=operator GroupAdd=audio
assert_journal mixed "uid=33(www-data) gid=37(operator)"
assert_contains "$(journal mixed)" "29" "groups"
