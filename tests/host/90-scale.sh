#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Twenty containers are started at once, and stopped at once.
. "$(dirname "$0")/lib.sh"

names=()
for i in $(seq 20); do
        manifest "many-$i.container" <<END
[Container]
Image=localhost/scratch
Exec=sleep 1000
END
        names+=("many-$i")
done
reload
before=$EPOCHREALTIME
systemctl start "${names[@]}" || fail "not all have started"
echo "started 20 in $(awk -v a="$before" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f s", b - a }')"
for name in "${names[@]}"; do
        assert_active "$name"
done
assert_equal "$(for name in "${names[@]}"; do awk '{ print $2 }' "/proc/$(payload "$name")/uid_map"; done |
        sort -u | wc -l)" 20 "number of ranges of ids"
assert_equal "$(slipway list | grep -c many-)" 20 "containers in the list"
systemctl stop "${names[@]}"
for name in "${names[@]}"; do
        assert_equal "$(show "$name" Result)" success "result of $name"
done
