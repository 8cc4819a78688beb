#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What a hostile container says about itself, and does with what it is given: it moves no terminal but its own, and nothing
# of the host that it was not given.
. "$(dirname "$0")/lib.sh"

# What a terminal would obey, as a shell in the container writes it: ESC, and the C1 control that is one by itself.
evil='\033]0;taken\007\302\2332J'

# shows COMMAND…: what it prints on a terminal; nothing of it may be of the container's making but letters.
shows() {
        script -qec "$*" /dev/null </dev/null >/tmp/shown 2>&1 || true
        ! grep -aqP '\x1b\]0;taken|\xc2\x9b' /tmp/shown || fail "'$*' lets the container drive the terminal: $(cat -v /tmp/shown)"
}

# --- names, words, files, results
launch talker <<END
[Container]
Image=localhost/busybox
Exec=sh -c 'e=\$\$(printf "$evil"); cp /bin/sleep "/tmp/\$\$e"; touch "/etc/\$\$e" "/tmp/say"; "/tmp/\$\$e" 1000 & exec sleep 1000'
HealthCmd=printf "$evil"; exit 1
HealthInterval=200ms
HealthRetries=1
END
wait_until 10 "it is unhealthy" bash -c 'slipway list | grep -q unhealthy'
inside talker sh -c "printf '$evil\n'" >/tmp/words
grep -aqP '\x1b\]0;taken' /tmp/words || fail "the words are harmless, which proves nothing"
for command in "top talker" "top talker comm args" "list" "list --json" "inspect talker" "inspect --format '{{json .}}' talker" "diff talker" \
        "diff --json talker" "stats --no-stream talker" "events --until now" "events --until now --json" "fsck"; do
        shows slipway "$command"
done
shows systemctl --no-pager status talker

# Anybody on the host may write to the journal: what is not root's is no event, and what is has no control characters.
for user in 65534 0; do
        printf 'MESSAGE_ID=%s\nIMAGE_NAME=forged-%s%b\nMESSAGE=forged\n' 1ae4a66b1c864111bbd2a7eeae5d0a69 "$user" "$evil" >/tmp/entry
        setpriv --reuid="$user" --clear-groups logger --journald=/tmp/entry
done
wait_until 5 "there is an event of root's making" bash -c 'slipway events --until now | grep -q forged-0'
assert_lacks "$(slipway events --until now)" "forged-65534" "events, of somebody else's making"
shows slipway events --until now
shows slipway events --json --until now
! grep -aqP '\x1b\]0;taken|\xc2\x9b' /run/slipway/containers/.talker.health-log || fail "the results of health checks have control characters"
stop talker

# --- a pager is a shell for who asks it for one: not for who has only been lent a command of root's
listed() {
        script -qec "env $* LINES=2 SYSTEMD_PAGER='touch /tmp/owned' slipway list" /dev/null </dev/null >/dev/null
}
listed
[ -e /tmp/owned ] || fail "no pager is used, which proves nothing"
rm /tmp/owned
listed SUDO_UID=1000
[ ! -e /tmp/owned ] || fail "who may use sudo chooses root's pager"

# --- sd_notify(3): the manager would show the status as it came, and send what is for systemd-nspawn to any process of the unit
for mode in auto host; do
        manifest "notifier-$mode.container" <<END
[Container]
Image=localhost/python
Notify=yes
UserNS=$mode
Volume=/srv/tests/host/apps/notifier.py:/notifier.py:ro
Exec=python3 /notifier.py send:READY=1 wait
END
        reload
        start "notifier-$mode"
        own=$(payload "notifier-$mode")
        slipway exec "notifier-$mode" python3 -c "
import os, socket
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.connect(os.environ['NOTIFY_SOCKET'])
s.send(b'MAINPID=$own')
s.send('STATUS=\x1b]0;taken\x07\u009b2J told'.encode())"
        wait_until 3 "the status is there" bash -c "systemctl show notifier-$mode -P StatusText | grep -q told"
        shows systemctl --no-pager status "notifier-$mode"
        assert_equal "$(cat "/proc/$(show "notifier-$mode" MainPID)/comm")" systemd-nspawn "main process with UserNS=$mode"
        stop "notifier-$mode"
done

# Who speaks without an end keeps the manager busy with a hundred messages a second, not with all that there is time for.
launch flooder <<'END'
[Container]
Image=localhost/python
Notify=yes
Volume=/srv/tests/host/apps/notifier.py:/notifier.py:ro
Exec=python3 -c 'import os, socket; s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); s.connect(os.environ["NOTIFY_SOCKET"]); s.send(b"READY=1"); n = 0\nwhile True: n += 1; s.send(b"STATUS=%%d" %% n)'
END
# On a busy machine, to ask and to sleep takes longer than that.
before=$(date +%s%N)
first=$(show flooder StatusText)
sleep 1
last=$(show flooder StatusText)
took=$((($(date +%s%N) - before) / 1000000))
[ $((last - first)) -le $((100 + took / 10)) ] || fail "the manager was told $((last - first)) things in $took ms"
[ "$last" -gt "$first" ] || fail "the manager is told nothing any more"
before=$(date +%s%N)
systemctl kill --signal=KILL flooder
wait_state flooder failed
[ $((($(date +%s%N) - before) / 1000000)) -lt 2000 ] || fail "the end of a container was noticed late"

# --- what is handed in to a command: only to be read, only this, and no way out of it
for mode in auto host; do
        launch "given-$mode" <<END
[Container]
Image=localhost/busybox
UserNS=$mode
Exec=sleep 1000
END
        echo kept >/root/given
        chmod 666 /root/given
        chmod 755 /root
        got=$(slipway exec -i "given-$mode" sh -c 'cat; { echo taken >/proc/self/fd/0; } 2>/dev/null; { echo taken >/proc/$$/fd/0; } 2>/dev/null' </root/given || true)
        assert_equal "$got" kept "what is read with UserNS=$mode"
        [ "$mode" = auto ] || assert_equal "$(cat /root/given)" kept "a file that was given to be read, with UserNS=$mode"
        slipway exec "given-$mode" sh -c 'echo said; { cat /proc/self/fd/1 >&2; } 2>/dev/null' >/root/given
        assert_equal "$(cat /root/given)" said "what was written, with UserNS=$mode"
        got=$(slipway exec -i "given-$mode" sh -c 'ls /proc/self/fd/0/ /proc/self/fd/0/../ 2>/dev/null; true' </root || true)
        assert_equal "$got" "" "what is found from a directory, with UserNS=$mode"
        slipway exec -i "given-$mode" true </root || fail "a directory as standard input"
        stop "given-$mode"

        # The same in the foreground.
        echo kept >/root/given
        chmod 644 /root/given
        got=$(slipway run --rm --userns="$mode" localhost/busybox sh -c 'cat; { echo taken >/proc/self/fd/0; } 2>/dev/null; true' </root/given)
        assert_equal "$got" kept "what is read by 'slipway run --userns=$mode'"
        assert_equal "$(cat /root/given)" kept "a file that was given to 'slipway run --userns=$mode' to be read"
done
rm /root/given

# --- who has the number of systemd-nspawn, and calls itself so, in the container or elsewhere, is not it
# shellcheck disable=SC2016
name_self='printf systemd-nspawn >/proc/$$/comm; while :; do sleep 1000; done'
launch mimic <<'END'
[Container]
Image=localhost/busybox
UserNS=host
Exec=sleep 1000
END
slipway exec -d mimic sh -c "$name_self"
sh -c "$name_self" &
outside=$!
wait_until 3 "somebody calls itself so" grep -q systemd-nspawn "/proc/$outside/comm"
inside=
find_mimic() {
        local pid
        for pid in $(pgrep -x systemd-nspawn); do
                [ "$(readlink "/proc/$pid/ns/pid")" != "$(readlink "/proc/$(payload mimic)/ns/pid")" ] || inside=$pid
        done
        [ -n "$inside" ]
}
wait_until 3 "somebody calls itself so, inside" find_mimic
record=/run/slipway/containers/mimic
cp "$record" /tmp/record
for pid in "$inside" "$outside"; do
        sed "s/^PID=.*/PID=$pid/" /tmp/record >"$record"
        ! slipway exec mimic true 2>/dev/null || fail "a command was executed in what calls itself systemd-nspawn"
        for way in --stop --signal=KILL; do
                /usr/libexec/slipway/slipway-nspawn $way mimic 2>/dev/null || true
        done
        kill -0 "$pid" || fail "who calls itself systemd-nspawn was ended"
done
cp /tmp/record "$record"
slipway exec mimic true || fail "nothing can be executed any more, which proves nothing"
kill "$outside"
