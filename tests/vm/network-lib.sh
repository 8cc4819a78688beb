# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# For scenarios about networks, beside that of the private host.

# shellcheck source=../host/network-lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../host/network-lib.sh"

# With the machine's curl: that of busybox does not work on every processor that QEMU knows.
ask() {
        nsenter --target "$(payload "$1")" --net curl -s -g -m 5 "$2" || true
}
