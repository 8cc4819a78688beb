#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Published ports: ranges, any that is free, one address, both families and protocols; who has a port is told; and the
# administrator's rules decide, those of his input chains, too.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/network-lib.sh"

make_outside out 192.0.2 2001:db8:1
ip addr add 198.51.100.1/32 dev up-out

manifest both.network <<'END'
[Network]
IPv6=yes
END
manifest web.container <<'END'
[Container]
Image=localhost/busybox
Network=both.network
PublishPort=8080:80
PublishPort=198.51.100.1:9000:80
PublishPort=[2001:db8:1::1]:9001:80
PublishPort=127.0.0.1:9002:80
PublishPort=9100-9103:80-83
PublishPort=82
Exec=sh -c "mkdir /www; echo web >/www/index.html; for p in 81 82 83; do httpd -p $$p -h /www; done; exec httpd -f -p 80 -h /www"
END
manifest echo.container <<'END'
[Container]
Image=localhost/python
PublishPort=5353:5353/udp
Exec=python3 -c "import socket; s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.bind(('', 5353)); [s.sendto(*s.recvfrom(999)) for _ in iter(int, 1)]"
END
reload
start web
start echo
wait_until 10 "it answers" fetch http://127.0.0.1:8080/

# On ::1 nobody hangs; who asks for that address gets it, by slipway-proxy, also where the network has no IPv6.
[ -z "$(pgrep -x slipway-proxy)" ] || fail "slipway-proxy runs, and nobody needs it"
status=0
curl -s --max-time 5 'http://[::1]:8080/' || status=$?
assert_equal "$status" 7 "exit status of curl for what is refused, and not left to hang"
manifest six.container <<'END'
[Container]
Image=localhost/busybox
PublishPort=[::1]:9200:80
Exec=sh -c "mkdir /www; echo six >/www/index.html; exec httpd -f -p 80 -h /www"
END
reload
start six
wait_until 10 "it answers at ::1" fetch 'http://[::1]:9200/'
assert_equal "$(fetch 'http://[::1]:9200/')" six "answer at ::1"
assert_equal "$(fetch http://127.0.0.1:9200/)" "" "answer at 127.0.0.1 of what is published at ::1"
stop six
[ -z "$(pgrep -x slipway-proxy)" ] || fail "slipway-proxy is left"

any=$(jq -r '.ports[] | select(.container == 82 and .count == 1) | .host' /run/slipway/net/members/web)
[ "$any" -gt 1023 ] || fail "the port that was chosen is '$any'"
for url in http://127.0.0.1:8080/ http://192.0.2.1:8080/ http://198.51.100.1:9000/ 'http://[2001:db8:1::1]:9001/' \
        'http://[2001:db8:1::1]:8080/' http://127.0.0.1:9002/ http://127.0.0.1:9100/ http://127.0.0.1:9103/ \
        "http://127.0.0.1:$any/"; do
        assert_equal "$(fetch "$url")" web "answer at $url"
done
for url in http://192.0.2.1:9000/ 'http://[2001:db8:1::1]:9000/' http://192.0.2.1:9002/ http://127.0.0.1:9001/ http://127.0.0.1:9104/; do
        assert_equal "$(fetch "$url")" "" "answer at $url"
done
for url in http://192.0.2.1:8080/ 'http://[2001:db8:1::1]:8080/' 'http://[2001:db8:1::1]:9001/' http://192.0.2.1:9103/; do
        assert_equal "$(from_outside out "$url")" web "answer at $url from outside"
done
assert_equal "$(from_outside out http://192.0.2.1:9002/)" "" "answer of a port of loopback from outside"
echoes() {
        [ "$(echo ping | timeout 2 socat -t 1 - UDP4:127.0.0.1:5353 2>/dev/null)" = ping ]
}
wait_until 10 "it answers over UDP" echoes

# A start and a stop change what is theirs; nobody makes the whole table anew for it.
foreign='{ tcp . 9 : 192.0.2.9 . 9 }'
nft add element inet slipway publish4 "$foreign"
stop echo
! nft get element inet slipway publish4 '{ udp . 5353 }' 2>/dev/null || fail "a port is left in the table"
start echo
wait_until 10 "it answers over UDP" echoes
nft get element inet slipway publish4 "$foreign" >/dev/null || fail "the whole table was made for one port"
nft delete element inet slipway publish4 "$foreign"

# Who goes on sending while the container is away reaches it when it is back.
stop echo
(for _ in $(seq 1 400); do echo ping; sleep 0.05; done) |
        ip netns exec out timeout 20 socat -t 1 - UDP4-DATAGRAM:192.0.2.1:5353,bind=192.0.2.2:4444 >"/tmp/echoes" 2>/dev/null &
sender=$!
sleep 0.3
start echo
wait_until 10 "who never ceased to send is answered" grep -q ping /tmp/echoes
kill $sender 2>/dev/null || true

# The ports are taken, for others on the host as well.
manifest rival.container <<'END'
[Container]
Image=localhost/busybox
PublishPort=9102:80
Exec=sleep 1000
END
reload
start_fails rival
assert_status rival "port 9102/tcp of the host is published by 'web' already"
! timeout 1 socat TCP4-LISTEN:8080 - 2>/dev/null </dev/null || fail "somebody else can listen on a published port"
socat TCP4-LISTEN:9777,fork,reuseaddr /dev/null &
holder=$!
sed -i 's/9102/9777/' /etc/slipway/rival.container
reload
start_fails rival
assert_status rival "port 9777/tcp of the host is in use by another program"
kill $holder
start rival
stop rival

# --- the administrator's rules ----------------------------------------------------------------------------------------

# An input chain that filters, and nothing about what passes through: it decides.
admin_rules <<'END'
table inet admin {
        chain input {
                type filter hook input priority filter; policy drop;
                ct state established,related accept
                iifname "lo" accept
                icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } accept
                tcp dport 9100 accept
        }
}
END
# Who runs already is not reached from outside past the chain.
/usr/libexec/slipway/slipway-net restore
assert_equal "$(from_outside out http://192.0.2.1:8080/)" "" "answer from outside that the input chain does not let in"
assert_equal "$(from_outside out 'http://[2001:db8:1::1]:8080/')" "" "the same over IPv6"
assert_equal "$(fetch http://192.0.2.1:8080/)" web "answer on the machine itself"
systemctl restart web
wait_until 10 "it answers" fetch http://127.0.0.1:8080/
assert_equal "$(from_outside out http://192.0.2.1:8080/)" "" "answer from outside that the input chain does not let in"
assert_equal "$(from_outside out http://192.0.2.1:9100/)" web "answer from outside that the input chain lets in"
assert_equal "$(from_outside out 'http://[2001:db8:1::1]:9100/')" web "the same over IPv6"
assert_equal "$(fetch http://127.0.0.1:8080/)" web "answer on loopback"
assert_equal "$(fetch 'http://[::1]:8080/')" web "answer on loopback over IPv6, which slipway-proxy gives"
pgrep -x slipway-proxy >/srv/proxies
assert_equal "$(wc -l </srv/proxies)" 2 "processes of slipway-proxy, of which one watches over the other"
while read -r pid; do
        assert_equal "$(stat -c %u "/proc/$pid")" 65534 "whose process slipway-proxy is"
        assert_equal "$(awk '/^CapBnd|^CapEff/ { print $2 }' "/proc/$pid/status" | sort -u | head -n 1)" 0000000000000000 "its capabilities"
done </srv/proxies
# Killed, it comes again, and who comes in between waits.
for _ in 1 2 3; do
        kill -KILL "$(pgrep -n -x slipway-proxy)"
        assert_equal "$(ip netns exec out curl -s -g -m 10 http://192.0.2.1:9100/)" web "answer after a violent death"
done
assert_journal web "slipway-proxy was killed by signal KILL; it is started again"
assert_equal "$(pgrep -x slipway-proxy | wc -l)" 2 "processes of slipway-proxy after some were killed"
# The chain may change at any time, as it is asked each time.
nft add rule inet admin input tcp dport 8080 accept
assert_equal "$(from_outside out http://192.0.2.1:8080/)" web "answer after the chain lets it in"
# Without both, ports refuse from outside and all else goes on, until the next start.
pkill -KILL -x slipway-proxy
wait_until 5 "they have ended" eval '! pgrep -x slipway-proxy'
assert_equal "$(from_outside out http://192.0.2.1:8080/)" "" "answer from outside when slipway-proxy was killed"
assert_equal "$(fetch http://127.0.0.1:8080/)" web "answer on loopback when slipway-proxy was killed"
assert_active web
systemctl restart web
wait_until 10 "it answers from outside after a restart" eval '[ "$(from_outside out http://192.0.2.1:8080/)" = web ]'
stop web
[ -z "$(pgrep -x slipway-proxy)" ] || fail "slipway-proxy is left"

# A forward chain that filters decides, and the input chain is about the machine only.
admin_rules <<'END'
add chain inet admin forward { type filter hook forward priority filter; policy drop; }
add rule inet admin forward ct state established,related accept
END
start web
wait_until 10 "it answers" fetch http://127.0.0.1:8080/
assert_equal "$(from_outside out http://192.0.2.1:8080/)" "" "answer from outside that the forward chain does not let pass"
nft add rule inet admin forward meta l4proto tcp ct original proto-dst 8080 accept
assert_equal "$(from_outside out http://192.0.2.1:8080/)" web "answer from outside that the forward chain lets pass"
assert_equal "$(from_outside out http://192.0.2.1:9100/)" "" "another port"
[ -z "$(pgrep -x slipway-proxy)" ] || fail "slipway-proxy runs, and nobody needs it"

# Who flushes all rules, as nftables.service does, flushes ours; they come back.
nft flush ruleset
assert_equal "$(from_outside out http://192.0.2.1:8080/)" "" "answer without any rules"
systemctl restart nftables
assert_equal "$(from_outside out http://192.0.2.1:8080/)" web "answer after the rules were restored"
systemctl reload nftables
assert_equal "$(from_outside out http://192.0.2.1:8080/)" web "answer after the rules were read again"
systemctl stop nftables
assert_equal "$(from_outside out http://192.0.2.1:8080/)" web "answer after nftables was stopped"

stop web
stop echo
assert_nothing_left
