# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# For scenarios with fault points: programs that have them, in the place of those that have none.

# shellcheck disable=SC2034
libexec=/usr/libexec/slipway
choices=/run/slipway/fault-points
declare -A places

# Programs of "places", which says for each one of the build where it is, are replaced, and put back in the end,
# whatever comes between. The points that they have are in /srv/points.
replace_programs() {
        local program
        trap 'status=$?; set +e; restore_programs; (exit $status); finish' EXIT
        for program in "${!places[@]}"; do
                install -m 755 "${places[$program]}" "${places[$program]}.whole"
                install -m 755 "/srv/faulty/$program" "${places[$program]}.new"
                mv "${places[$program]}.new" "${places[$program]}"
        done
        mkdir -p "$choices"
        for program in "${places[@]}"; do
                "$program" --fault-points
        done | sort -u >/srv/points
}
restore_programs() {
        local program
        rm -rf "$choices"
        for program in "${!places[@]}"; do
                [ ! -e "${places[$program]}.whole" ] || mv "${places[$program]}.whole" "${places[$program]}"
        done
}
