#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The examples of the manual are run as they stand: commands succeed, manifests are without mistakes.
. "$(dirname "$0")/lib.sh"

pages=/usr/share/man
work=$(mktemp -d)
mkdir "$work/bin"
cd "$work"

# Blocks and lines of a page that are examples: a file each, NN.sh or NN.manifest, without the markup.
take_examples() {
        awk -v out="$work/examples/$1" '
                function plain(text) {
                        gsub(/\\e/, "\\", text); gsub(/\\-/, "-", text); gsub(/\\\(dq/, "\"", text); gsub(/\\&/, "", text)
                        return text
                }
                function finish() {
                        file = sprintf("%s.%02d.%s", out, ++n, block ~ /(^|\n)\[(Build|Container|Image|Kube|Network|Pod|Volume|Service)\]/ ? "manifest" : "sh")
                        printf "%s", block >file
                        close(file)
                        block = ""
                }
                /^\.Sh / { on = $2 == "EXAMPLES" || ($2 == "DESCRIPTION" && whole) }
                !on { next }
                /^\.Dl / { block = plain(substr($0, 5)) "\n"; sub(/^[$#] /, "", block); finish(); next }
                /^\.Bd -literal/ { inside = 1; next }
                /^\.Ed/ { inside = 0; finish(); next }
                inside { line = plain($0); sub(/^[$#] /, "", line); block = block ($0 ~ /^# \// ? $0 : line) "\n" }
        ' whole="$([ "$1" = slipway.1 ] && echo 1)" "$pages/man${1##*.}/$1"
}
mkdir examples
for page in "$pages"/man?/slipway*; do
        take_examples "$(basename "$page")"
done
[ "$(ls examples | wc -l)" -ge 25 ] || fail "only $(ls examples | wc -l) examples were found"

# --- the stage: another machine, a bootstrap without a mirror, files and containers that the examples speak of
printf '#!/bin/sh\ncat /srv/images/redis.docker.tar\n' >bin/ssh
printf '#!/bin/sh\nmkdir -p root/bin && cp /bin/true root/bin\n' >bin/debootstrap
chmod +x bin/*
PATH=$work/bin:$PATH
echo words >in
echo '<p>' >index.html
printf '[Container]\nImage=localhost/nginx\n' >web.container
slipway import oci-archive:/srv/images/busybox.oci.tar localhost/game >/dev/null # a shell plays well
slipway import oci:/srv/images/oci:nginx docker.io/library/nginx:latest >/dev/null
slipway import oci:/srv/images/oci:postgresql docker.io/library/postgres:16 >/dev/null
slipway tag localhost/game shop:2 shop:latest >/dev/null
manifest shop-front.container <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
StopSignal=KILL
END
manifest front.network <<'END'
[Network]
NetworkName=front
END
manifest stack.pod <<'END'
[Pod]
PodName=stack
END
manifest stacked.container <<'END'
[Container]
Image=localhost/busybox
Pod=stack.pod
Exec=sleep 1000
StopSignal=KILL
END
units+=(web.service db.service worker.service front-network.service)
reload
systemctl start front-network stacked
slipway secret rm db-password 2>/dev/null || true

# Manifests are put where the lines before them say; those of one example need each other.
put() {
        local to part
        local -a files=()
        grep -qE '^\[(Build|Container|Image|Kube|Network|Pod|Volume)\]' "$1" || return 0 # a part of one
        rm -f "$work"/part.*
        awk -v out="$work/part" '/^# \/etc\/slipway\// { n++ } { print >sprintf("%s.%02d", out, n) }' "$1"
        for part in "$work"/part.*; do
                to=$(sed -n '1s,^# \(/etc/slipway/[^ ]*\).*,\1,p' "$part")
                files+=("${to:-$work/example.container}")
                cp "$part" "${files[-1]}"
        done
        for to in "${files[@]}"; do
                slipway check "$to" || fail "the manifest of ${1##*/} has mistakes"
        done
        case ${files[*]} in
        */game.container)
                reload
                start game
                ;;
        esac
}

run() {
        local status=0 command
        command=$(cat "$1")
        case $command in
        'slipway attach '*) command="{ sleep 1; echo exit; sleep 1; } | timeout 20 $command" ;;
        *' -it '*) command="{ sleep 1; echo exit; sleep 1; } | timeout 20 script -qefc '$command' /dev/null" ;;
        *' -f '[a-z]*) command="timeout 2 $command" ;;
        esac
        # In a shell without our options, as somebody types it. What goes on until it is interrupted, is interrupted.
        bash -c "$command" >"$work/output" 2>&1 </dev/null || status=$?
        # There are differences, that is what diff says.
        [[ $command != *'| diff '* ]] || [ $status != 1 ] || status=0
        [ $status = 0 ] || { [ $status = 124 ] && [[ $command == timeout* ]]; } ||
                fail "'$(cat "$1")' of ${1##*/} ends with $status: $(cat "$work/output")"
}

follow() {
        local example
        for example in examples/"$1".*; do
                case $example in
                *.manifest) put "$example" ;;
                *) run "$example" ;;
                esac
        done
}

follow slipway.1 # writes web.container, and starts it
is_serving() {
        slipway exec web test -e /run/nginx.pid
}
wait_until 10 "web is up" is_serving
follow slipway-secret.1

# The image of tests is simpler than that of the page: it wants the password itself.
manifest db.container <<'END'
[Container]
Image=localhost/postgresql
Secret=db-password,type=env,target=POSTGRES_PASSWORD

[Service]
TimeoutStartSec=120
END
reload
start db
start shop-front
rm -rf /tmp/units
systemctl stop slipway-fsck.timer 2>/dev/null || true
has_database() {
        slipway exec --user=postgres db psql -Atc 'select 1 from pg_database where datname = $$shop$$' | grep -q 1 ||
                slipway exec --user=postgres db psql -c 'create database shop'
}
wait_until 60 "there is a database" has_database
for page in examples/*; do
        page=${page##*/}
        page=${page%.*.*}
        case $page in
        slipway.1 | slipway-secret.1) continue ;;
        # Its manifest needs the YAML that is the next example; scenario kube has the like of it.
        slipway.kube.5) continue ;;
        # What they need, a registry and somebody's keys, ../registry has.
        slipway-pull.1 | slipway-push.1 | slipway-registries.5 | slipway-trust.1 | slipway-update.1 | slipway-verify.1) continue ;;
        esac
        echo "$page"
done | sort -u >list
while read -r page; do
        # Each page finds it running, whatever the one before has done.
        systemctl start web </dev/null
        wait_until 10 "web is up" is_serving </dev/null
        follow "$page" </dev/null
done <list
systemctl stop slipway-fsck.timer
rm -rf "$work"
