# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# For scenarios about networks: hosts outside of the machine, and questions.

apps=$(dirname "$(realpath "${BASH_SOURCE[0]}")")/apps

# make_outside NAME IPV4-PREFIX IPV6-PREFIX: a host at .2 behind an interface of the machine with .1, which answers any
# question at port 8000 with the address that it came from.
make_outside() {
        ip netns add "$1"
        ip link add "up-$1" type veth peer name eth0 netns "$1"
        ip addr add "$2.1/24" dev "up-$1"
        ip addr add "$3::1/64" dev "up-$1" nodad
        ip link set "up-$1" up
        ip -n "$1" link set lo up
        ip -n "$1" link set eth0 up
        ip -n "$1" addr add "$2.2/24" dev eth0
        ip -n "$1" addr add "$3::2/64" dev eth0 nodad
        ip -n "$1" route add default via "$2.1"
        ip -n "$1" -6 route add default via "$3::1"
        ip netns exec "$1" socat TCP4-LISTEN:8000,fork,reuseaddr EXEC:"$apps/who-asks" 2>/dev/null &
        outside_pids+=("$!")
        ip netns exec "$1" socat TCP6-LISTEN:8000,fork,reuseaddr,ipv6only=1 EXEC:"$apps/who-asks" 2>/dev/null &
        outside_pids+=("$!")
        outsides+=("$1")
}

# Rules of the administrator's, from standard input.
admin_rules() {
        nft -f - || fail "the administrator's rules are wrong"
}

remove_outside() {
        local name
        for name in "${outside_pids[@]}"; do
                kill "$name" 2>/dev/null || true
        done
        for name in "${outsides[@]}"; do
                ip netns del "$name" 2>/dev/null || true
        done
        nft delete table inet admin 2>/dev/null || true
}
outsides=() outside_pids=()
at_end+=(remove_outside)

# What a container of a manifest is called; one of a .container file without ContainerName= is that.
name_of() {
        [ -e "/run/slipway/containers/$1" ] && echo "$1" || echo "systemd-$1"
}

# serve NAME LINE…: the manifest of a container that answers with its name
serve() {
        local name=$1
        shift
        {
                printf '[Container]\nImage=localhost/busybox\nContainerName=%s\n' "$name"
                printf 'Exec=sh -c "mkdir /www; echo %s >/www/index.html; exec httpd -f -p 80 -h /www"\n' "$name"
                printf 'StopSignal=KILL\n'
                printf '%s\n' "$@"
        } | manifest "$name.container"
}

# ask CONTAINER URL: what a container gets, or nothing
ask() {
        timeout 2 slipway exec "$(name_of "$1")" wget -q -O - "$2" 2>/dev/null || true
}

# asks CONTAINER URL ANSWER
asks() {
        [ "$(ask "$1" "$2")" = "$3" ]
}

# fetch URL: what the machine itself gets
fetch() {
        curl -s -g -m 2 "$1" || true
}

from_outside() {
        ip netns exec "$1" curl -s -g -m 1 "$2" || true
}

# The first address of a container or pod.
address_of() {
        jq -r '.networks[0].addresses[0] | split("/")[0]' "/run/slipway/net/members/systemd-$1" 2>/dev/null ||
                jq -r '.networks[0].addresses[0] | split("/")[0]' "/run/slipway/net/members/$1"
}

no_jobs() {
        [ -z "$(systemctl list-jobs --no-legend)" ]
}

has_no_interface() {
        ! ip -o link show type veth | grep -q swv
}

# No container runs: nothing of one is left anywhere.
assert_nothing_left() {
        # The kernel takes its time to take a namespace down.
        wait_until 10 "no interface is left" has_no_interface
        assert_equal "$(ls /run/slipway/net/members)" "" "records that are left"
        assert_equal "$(cat /run/slipway/net/leases/* 2>/dev/null | grep -vc ' ~' || true)" 0 "leases that are left"
        assert_equal "$(nft -j list table inet slipway 2>/dev/null | jq '[.nftables[].map? | select(.) | .elem? | select(.) | .[]] | length')" 0 \
                "published ports that are left"
}
