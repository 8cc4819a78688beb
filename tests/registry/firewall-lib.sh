# SPDX-License-Identifier: LGPL-2.1-or-later
# shellcheck shell=bash
#
# For scenarios about other programs that have rules in the packet filter, beside host/network-lib.sh.

here=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
# shellcheck source=../host/network-lib.sh
. "$here/../host/network-lib.sh"

published4=http://192.0.2.1:8080/
published6='http://[2001:db8:1::1]:8080/'

# Images of the store: scenarios of registries begin without.
need_images() {
        local image
        for image in busybox python; do
                slipway inspect "localhost/$image" >/dev/null 2>&1 || slipway import --quiet "oci:/srv/images/oci:$image" "localhost/$image"
        done
}

# Containers web (TCP 8080) and near on a bridge with both families, far and echo (UDP 5353) on that of all others; and
# a host outside.
make_town() {
        need_images
        make_outside out 192.0.2 2001:db8:1
        manifest both.network <<'END'
[Network]
IPv6=yes
END
        manifest web.container <<'END'
[Container]
Image=localhost/busybox
Network=both.network
PublishPort=8080:80
Exec=sh -c "mkdir /www; echo web >/www/index.html; exec httpd -f -p 80 -h /www"
END
        manifest near.container <<'END'
[Container]
Image=localhost/busybox
Network=both.network
Exec=sleep inf
END
        manifest far.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep inf
END
        manifest echo.container <<'END'
[Container]
Image=localhost/python
PublishPort=5353:5353/udp
Exec=python3 -c "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 5353)); [s.sendto(*s.recvfrom(999)) for _ in iter(int, 1)]"
END
        reload
        start_town
}

start_town() {
        systemctl start web near far echo || fail "they do not start"
        wait_town
}

restart_town() {
        systemctl restart web echo
        wait_town
}

# They are ready before they listen.
wait_town() {
        wait_until 10 "it answers" eval '[ "$(fetch http://127.0.0.1:8080/)" = web ]'
        wait_until 10 "it answers over UDP" eval 'echo ping | timeout 1 socat -t 0.3 - UDP4:127.0.0.1:5353 | grep -q ping'
}

remove_town() {
        systemctl stop web near far echo '*-network.service'
        [ ! -e /run/slipway/net/networks/slipway ] || fail "the network is left"
}

echoes_from_outside() {
        echo ping | ip netns exec out timeout 1 socat -t 0.3 - UDP4:192.0.2.1:5353 2>/dev/null || true
}

# assert_out WHEN: containers reach others, and each other.
assert_out() {
        assert_equal "$(ask near http://192.0.2.2:8000/)" 192.0.2.1 "who asks, outside, over IPv4 $1"
        assert_contains "$(ask near 'http://[2001:db8:1::2]:8000/')" 2001 "who asks, outside, over IPv6 $1"
        assert_equal "$(ask far http://192.0.2.2:8000/)" 192.0.2.1 "who asks from the bridge of all others $1"
        assert_equal "$(ask near http://web/)" web "a neighbour by its name $1"
        assert_equal "$(ask near "$published4")" web "a neighbour's port by the machine's address $1"
        assert_here "$1"
}

assert_here() {
        assert_equal "$(fetch http://127.0.0.1:8080/)" web "a port on loopback $1"
        assert_equal "$(fetch "$published4")" web "a port of the machine, asked for by itself $1"
}

assert_open() {
        assert_equal "$(from_outside out "$published4")" web "a port from outside over IPv4 $1"
        assert_equal "$(from_outside out "$published6")" web "a port from outside over IPv6 $1"
        assert_equal "$(echoes_from_outside)" ping "a port from outside over UDP $1"
}

# All at once: who is not answered waits.
assert_closed() {
        local got
        got=$(from_outside out "$published4" & from_outside out "$published6" & echoes_from_outside & wait)
        assert_equal "$got" "" "what ports answer from outside $1"
}

assert_town() {
        assert_out "$1"
        assert_open "$1"
}

# Units that a private host must not start by itself are masked there; these are stronger than a mask. Of the package, or
# from standard input.
unmask() {
        mkdir -p /etc/systemd/system.control
        cat "${2-/lib/systemd/system/$1}" >"/etc/systemd/system.control/$1"
        systemctl daemon-reload
        unmasked+=("$1")
}
unmasked=()

remask() {
        local unit
        for unit in "${unmasked[@]}"; do
                systemctl stop "$unit" 2>/dev/null
                rm -f "/etc/systemd/system.control/$unit"
        done
        nft flush ruleset
        systemctl daemon-reload
}
at_end+=(remask)

start_docker() {
        unmask docker.service - <<'END'
[Service]
Type=notify
Delegate=yes
ExecStart=dockerd --data-root /srv/docker --exec-root /run/docker-tests --storage-driver vfs --log-level error
END
        systemctl start docker || fail "dockerd does not start"
}

stop_docker() {
        docker rm -f theirs >/dev/null 2>&1
        systemctl stop docker
}
