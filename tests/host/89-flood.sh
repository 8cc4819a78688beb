#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# An app that floods the log is cut short, and nobody else is: neither what others write nor when it is there.
. "$(dirname "$0")/lib.sh"

manifest flood.container <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'yes "flood by stream" | head -n 300000; yes "flood by name" | head -n 300000 >/dev/stdout; sleep 1000'

[Service]
LogRateLimitIntervalSec=30s
LogRateLimitBurst=500
END
manifest quiet.container <<'END'
[Container]
Image=localhost/busybox
Exec=sh -c 'i=0; while [ $i -lt 40 ]; do echo "line $i $(date +%%s)"; echo "by name $i" >/dev/stdout; i=$((i + 1)); sleep 0.1; done; sleep 1000'
END
reload
start quiet
start flood
assert_equal "$(show slipway-stdio@flood LogRateLimitBurst)" 500 "the limit of what comes by name"

assert_journal quiet "line 39"
assert_journal quiet "by name 39"
lines=$(journal quiet --output=json | jq -r 'select(.MESSAGE | type == "string" and startswith("line ")) | "\(.MESSAGE) \(.__REALTIME_TIMESTAMP)"')
assert_equal "$(wc -l <<<"$lines")" 40 "lines of the other container"
late=$(awk '{ lag = $4 / 1000000 - $3; if (lag > most) most = lag } END { print (most > 5) ? most : "no" }' <<<"$lines")
assert_equal "$late" no "how late a line of the other container was"
assert_equal "$(journal quiet | grep -c '^by name ')" 40 "lines of the other container that came by name"

# The limit is stretched by up to a factor, with the room that there is on the disk.
for kind in stream name; do
        n=$(journal flood | grep -c "^flood by $kind$")
        [ "$n" -ge 500 ] || fail "there are $n lines 'flood by $kind'"
        [ "$n" -le 10000 ] || fail "there are $n lines 'flood by $kind'"
done

# The service manager is not held up either.
[ "$(timeout 5 systemctl is-active quiet)" = active ] || fail "systemctl has not answered"
