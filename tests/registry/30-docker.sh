#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Beside Docker: what dockerd drops of all that the machine forwards is not ours; the administrator's rules decide before,
# and what Docker keeps from its own bridges it keeps from us.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/firewall-lib.sh"

command -v dockerd >/dev/null || skip "dockerd is not installed"
at_end+=(stop_docker)

# dockerd sets the policy when it is the first to ask the machine to forward.
sysctl -q net.ipv4.ip_forward=0
start_docker
assert_contains "$(iptables -S FORWARD)" "-P FORWARD DROP" "the chain FORWARD"
make_town
assert_town "with Docker"
assert_equal "$(ask far "$published4")" web "a port of another bridge's, by the machine's address"

# Nobody reaches more of Docker's than Docker lets him.
skopeo_quiet copy oci:/srv/images/oci:busybox docker-daemon:localhost/box:1
docker run -d --name theirs -p 8088:80 localhost/box:1 \
        sh -c 'mkdir /www; echo docker >/www/index.html; httpd -p 81 -h /www; exec httpd -f -p 80 -h /www' >/dev/null
theirs=$(docker inspect -f '{{.NetworkSettings.IPAddress}}' theirs)
wait_until 10 "Docker's answers" eval "fetch http://$theirs:81/ | grep -q docker"
assert_equal "$(ask near http://192.0.2.1:8088/)" docker "a port that Docker publishes"
assert_equal "$(from_outside out http://192.0.2.1:8088/)" docker "the same from outside"
assert_equal "$(ask near "http://$theirs:81/")" "" "one that it does not publish"
assert_equal "$(timeout 2 docker exec theirs wget -q -O - http://192.0.2.1:8080/)" web "our port, asked for by Docker's"
assert_equal "$(timeout 1 docker exec theirs wget -q -O - "http://$(address_of web)/" || true)" "" "our container, by its address"

docker rm -f theirs >/dev/null

# What the administrator has written comes before, also when it came later.
iptables -I DOCKER-USER -p tcp -m conntrack --ctorigdstport 8080 -j DROP
assert_equal "$(from_outside out "$published4")" "" "a port that is closed in DOCKER-USER"
assert_equal "$(ask near http://192.0.2.2:8000/)" 192.0.2.1 "the way out beside it"
iptables -D DOCKER-USER -p tcp -m conntrack --ctorigdstport 8080 -j DROP
iptables -A FORWARD -p tcp -m conntrack --ctorigdstport 8080 -j REJECT
systemctl reload slipway-network
assert_equal "$(from_outside out "$published4")" "" "a port that is closed in FORWARD"
assert_equal "$(ask near http://192.0.2.2:8000/)" 192.0.2.1 "the way out beside that"
iptables -D FORWARD -p tcp -m conntrack --ctorigdstport 8080 -j REJECT

# Tools of iptables go on reading what is there.
assert_equal "$(iptables -S FORWARD | sed -n '$p')" "-A FORWARD -m comment --comment slipway -j SLIPWAY" "the last rule of FORWARD"
iptables-save -t filter 2>/dev/null | iptables-restore --test || fail "iptables does not read its own table any more"
systemctl restart docker
assert_town "after Docker was restarted"
assert_equal "$(iptables -S FORWARD | grep -c SLIPWAY)" 1 "rules that lead to ours"

# Who empties the chain is undone by what comes next; and a start of dockerd is one.
iptables -D FORWARD -m comment --comment slipway -j SLIPWAY
assert_equal "$(ask near http://192.0.2.2:8000/)" "" "the way out without a rule"
restart_town
assert_equal "$(ask near http://192.0.2.2:8000/)" 192.0.2.1 "the way out after a start with ports"
iptables -D FORWARD -m comment --comment slipway -j SLIPWAY
systemctl restart docker
assert_equal "$(ask near http://192.0.2.2:8000/)" 192.0.2.1 "the way out after a start of Docker"

stop_docker
assert_town "after Docker was stopped"
remove_town
assert_equal "$(iptables -S | grep -c SLIPWAY || true)" 0 "rules that are left"
