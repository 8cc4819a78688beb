#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A user's own service manager has the units, too; where it cannot run containers, their start says why.
. "$(dirname "$0")/lib.sh"

useradd --create-home --uid 1500 sailor 2>/dev/null || true
mkdir -p /run/user/1500 /home/sailor/.config/slipway
printf '[Container]\nImage=localhost/busybox\n' >/home/sailor/.config/slipway/boat.container
chown -R sailor: /run/user/1500 /home/sailor/.config

# Stands in for user@1500.service, which wants a login manager.
systemd-run --quiet --unit=sailor --uid=sailor --property=Type=notify --property=Delegate=yes \
        --setenv=XDG_RUNTIME_DIR=/run/user/1500 --setenv=HOME=/home/sailor /usr/lib/systemd/systemd --user
units+=(sailor.service)

as_user() {
        setpriv --reuid=sailor --regid=sailor --init-groups env XDG_RUNTIME_DIR=/run/user/1500 HOME=/home/sailor "$@"
}
assert_equal "$(as_user systemctl --user show -P LoadState boat)" loaded "load state"
assert_equal "$(as_user systemctl --user show -P SourcePath boat)" /home/sailor/.config/slipway/boat.container "source path"
! as_user systemctl --user start boat 2>/dev/null || fail "it starts"
assert_contains "$(as_user systemctl --user show -P StatusText boat)" "user's own service manager" "status text"

# The system's manager does not see it.
assert_equal "$(show boat LoadState)" not-found "load state in the system"
