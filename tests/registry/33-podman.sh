#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Beside podman with netavark: both publish ports, their containers reach each other by them, and netavark's chains are
# not taken for the administrator's.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/firewall-lib.sh"

command -v podman >/dev/null && [ -x /usr/lib/podman/netavark ] || skip "podman and netavark are not installed"

podman() {
        command podman --root /srv/podman --runroot /run/podman-tests --cgroup-manager cgroupfs --events-backend file --runtime crun "$@"
}
forget_podman() {
        podman rm --force --time 0 theirs
        podman network rm theirs
        rm -rf /etc/containers/containers.conf /srv/podman
} >/dev/null 2>&1
at_end+=(forget_podman)
mkdir -p /etc/containers
printf '%s\n' '[containers]' 'default_ulimits=["nofile=20000:20000","nproc=32768:32768"]' 'pids_limit=2048' '[network]' \
        'network_backend="netavark"' >/etc/containers/containers.conf
[ -e /etc/containers/policy.json ] || echo '{"default":[{"type":"insecureAcceptAnything"}]}' >/etc/containers/policy.json

podman tag "$(podman pull --quiet oci:/srv/images/oci:busybox)" localhost/theirs
podman network create --subnet 10.78.0.0/24 theirs >/dev/null
podman run --detach --network theirs --publish 8088:80 --name theirs localhost/theirs \
        sh -c 'mkdir /www; echo podman >/www/index.html; exec httpd -f -p 80 -h /www' >/dev/null
make_town
assert_town "with podman"
assert_equal "$(from_outside out http://192.0.2.1:8088/)" podman "podman's port from outside"
assert_equal "$(ask near http://192.0.2.1:8088/)" podman "podman's port, asked for by ours"
assert_equal "$(timeout 3 nsenter --net="$(podman inspect --format '{{.NetworkSettings.SandboxKey}}' theirs)" curl -s -m 2 http://192.0.2.1:8080/ || true)" \
        web "our port, asked for by podman's"

# netavark has a forward chain, and the administrator an input chain only: that one decides.
admin_rules <<'END'
table inet admin {
        chain input {
                type filter hook input priority filter; policy drop;
                ct state established,related accept
                iifname != "up-out" accept
                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
        }
}
END
systemctl reload slipway-network
restart_town
assert_closed "that the input chain does not let in"
nft add rule inet admin input tcp dport 8080 accept
nft add rule inet admin input udp dport 5353 accept
assert_town "that the input chain lets in"
nft delete table inet admin

podman rm --force --time 0 theirs >/dev/null
systemctl reload slipway-network
assert_town "when podman's are gone"

# Rules of the old kind are not seen, which is told.
if iptables-legacy -S >/dev/null 2>&1 && grep -q filter /proc/net/ip_tables_names; then
        systemctl reload slipway-network
        assert_journal slipway-network "there are tables of iptables-legacy"
fi
