#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An image with one file and nothing else, neither directories nor users: it runs as the user and on the port it names.
. "$(dirname "$0")/lib.sh"

launch scratch <<'END'
[Container]
Image=localhost/scratch
Network=host
END

wait_until 5 "it answers" curl -fsS http://localhost:8080/
assert_equal "$(curl -fsS http://localhost:8080/)" "hello from scratch" "the page"
assert_journal scratch "serving on port 8080"

# User=1000:1000 of the image, in the range of ids of this container.
pid=$(payload scratch)
base=$(awk 'NR == 1 { print $2 }' "/proc/$pid/uid_map")
assert_equal "$(awk '/^Uid:/ { print $2 }' "/proc/$pid/status")" $((base + 1000)) "user of the app, on the host"
