#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Each container has ids of its own, which no other has, and has them again after a restart.
. "$(dirname "$0")/lib.sh"

for name in red green blue; do
        launch "$name" <<'END'
[Container]
Image=localhost/scratch
Exec=sleep 1000
END
done

base() {
        awk '{ print $1, $2, $3 }' "/proc/$(payload "$1")/uid_map"
}
declare -A bases=()
for name in red green blue; do
        read -r first outside count < <(base "$name")
        assert_equal "$first $count" "0 65536" "map of $name"
        [ "$outside" -ge 524288 ] || fail "$name has ids of the host, from $outside on"
        [ -z "${bases[$outside]-}" ] || fail "$name has the same ids as ${bases[$outside]}"
        bases[$outside]=$name
done

before=$(base red)
systemctl restart red
assert_equal "$(base red)" "$before" "ids of red after a restart"
stop red
reload
start red
assert_equal "$(base red)" "$before" "ids of red after a stop and a start"

# The host's ids, if asked for.
launch open <<'END'
[Container]
Image=localhost/scratch
UserNS=host
Exec=sleep 1000
END
assert_equal "$(base open)" "0 0 4294967295" "map of a container with UserNS=host"
