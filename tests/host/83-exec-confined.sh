#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A command in a container can do nothing that the app of it cannot, and the container nothing to whoever enters.
. "$(dirname "$0")/lib.sh"

for program in probe attack; do
        [ -x "/srv/build/tests/probe/$program" ] || skip "the build has no $program"
        install -m 755 "/srv/build/tests/probe/$program" "/srv/$program"
done

# What the probe says of itself, without what no two processes have in common, or the same mounts of two lives.
facts() {
        grep -vE '^(pid|sid|arg\.[0-9]+|fd\.[12]|end)=' "$1" | sed -E 's/^mount=[0-9]+ [0-9]+ [0-9:]+/mount=/' | sort
}

# same_as_app NAME: the probe is the app of a container of that name, and is executed in it once more.
same_as_app() {
        local name=$1
        { printf '[Container]\nImage=localhost/busybox\nEntrypoint=\nVolume=/srv/probe:/probe:ro\nExec=/probe\n'; cat; } >"/tmp/$name.manifest"
        launch "$name" <"/tmp/$name.manifest"
        wait_until 10 "the probe of $name has ended" has_logged "$name" end=yes
        journal "$name" "SYSLOG_IDENTIFIER=$name" >"/tmp/$name.app"
        # With all capabilities the probe has unmounted what there was.
        if [ "$name" = most ]; then
                systemctl kill --signal=KILL most
                wait_until 10 "it has ended" bash -c '! systemctl is-active most'
                # The session's keyring is the container's own in a command, and the host's, unseen, in the app.
                sed -i '/^hidden.\/proc\/keys=/d' /tmp/most.app
                sed -i 's/^Exec=.*/Exec=sleep 1000/' /etc/slipway/most.container
                reload
                start most
        fi
        # Whoever asks may be more than the app, in all that is inherited.
        (
                ulimit -S -n 999 -c 0 -s 4096
                umask 0077
                trap '' USR1 INT
                SECRET_OF_CALLER=1 nice -n 3 slipway exec "$name" /probe </etc/passwd >"/tmp/$name.exec" 9</etc/shadow &
                wait
        ) &
        wait_until 10 "the probe in $name has ended" grep -q ^end=yes "/tmp/$name.exec"
        [ "$name" != most ] || sed -i '/^hidden.\/proc\/keys=/d' /tmp/most.exec
        diff <(facts "/tmp/$name.app") <(facts "/tmp/$name.exec") >/tmp/diff ||
                fail "in $name a command is not what the app is: $(cat /tmp/diff)"
        systemctl kill --signal=KILL "$name"
}

same_as_app plain <<'END'
END
same_as_app least <<'END'
User=1234:5678
GroupAdd=99
ReadOnly=yes
NoNewPrivileges=yes
DropCapability=all
WorkingDir=/made/for/it
Ulimit=nofile=100:200
Ulimit=core=0
Environment=HOME=/home
HostName=some.where
END
same_as_app most <<'END'
AddCapability=all
SeccompProfile=unconfined
Unmask=ALL
END
same_as_app ambient <<'END'
User=nobody
AddCapability=NET_RAW
END
same_as_app hosts <<'END'
UserNS=host
END
same_as_app network <<'END'
Network=host
END
same_as_app first <<'END'
RunInit=yes
END

launch box <<'END'
[Container]
Image=localhost/busybox
Entrypoint=
User=nobody
DropCapability=all
AddCapability=CHOWN SETUID
Volume=/srv/probe:/probe:ro
Volume=/srv/attack:/attack:ro
Exec=sleep 1000
END

# Root is root with the container's bounding set, whoever the app is.
assert_contains "$(slipway exec --user=root box grep Cap /proc/self/status | tr -d '\n\t')" \
        "CapInh:0000000000000000CapPrm:0000000000000081CapEff:0000000000000081CapBnd:0000000000000081" "capabilities of root"
assert_equal "$(slipway exec --user=root box ls /proc/self/fd | tr '\n' ' ')" "0 1 2 3 " "descriptors, with that of ls"

# Scheduling and the killer of memory know the app's values.
echo 300 >"/proc/$(payload box)/oom_score_adj"
renice -n 5 "$(payload box)" >/dev/null
ionice -c 3 -p "$(payload box)"
ionice -c 1 -n 0 slipway exec -d box sleep 1005
entered=$(pgrep -f '^sleep 1005')
assert_equal "$(ionice -p "$entered")" idle "priority of input and output"
assert_equal "$(cat "/proc/$entered/oom_score_adj") $(ps -o ni= "$entered" | tr -d ' ')" "300 5" "killer's score and niceness"

# A working directory that leads out (CVE-2024-21626), or into what the container has made of it.
for directory in /proc/self/fd/3 /proc/self/fd/7 /proc/self/cwd /proc/1/root ../../..; do
        ! slipway exec --workdir="$directory" box true 2>/dev/null || fail "the working directory can be $directory"
done
slipway exec --user=root box sh -c 'ln -s /proc/1/root/tmp /tmp/link; ln -s ../../../../etc /tmp/up'
! slipway exec --workdir=/tmp/link box true 2>/dev/null || fail "a magic link was followed"
assert_equal "$(slipway exec --workdir=/tmp/up box cat hostname)" box "a link leads to the container's own /etc"

# A terminal of the caller's is not handed in: nobody types on it, or reads it (CVE-2016-9962, CVE-2017-5226).
script -qec "slipway exec box /attack keyboard" /dev/null </dev/null >/tmp/keyboard
assert_equal "$(grep -cE '^(terminal|type)\.[012]=ENOTTY' /tmp/keyboard)" 6 "descriptors that are no terminals"
grep -q '^terminal.tty=ENXIO' /tmp/keyboard || fail "there is a controlling terminal: $(cat /tmp/keyboard)"

# Keys of the caller's session stay there.
launch keys <<'END'
[Container]
Image=localhost/busybox
Entrypoint=
SeccompProfile=unconfined
Volume=/srv/attack:/attack:ro
Exec=sleep 1000
END
/srv/attack hold slipway-test /srv/attack key slipway-test >/tmp/key || true
if grep -q '^key.slipway-test=ok' /tmp/key; then
        /srv/attack hold slipway-test slipway exec keys /attack key slipway-test >/tmp/key
        grep -q '^key.slipway-test=ENOKEY' /tmp/key || fail "a key of the caller's is there: $(cat /tmp/key)"
fi

# Half-way in, nobody can lay hands on it: not on its memory, descriptors, root or file (CVE-2016-9962, CVE-2019-5736).
for mode in auto host; do
        launch "ambush-$mode" <<END
[Container]
Image=localhost/busybox
UserNS=$mode
Entrypoint=
Volume=/srv/attack:/attack:ro
Exec=/attack ambush
END
        wait_until 5 "the ambush is laid" has_logged "ambush-$mode" waiting
        for _ in $(seq 150); do
                slipway exec "ambush-$mode" true
        done
        journal "ambush-$mode" >/tmp/ambush
        grep -q '^seen=' /tmp/ambush || fail "nobody was seen to enter, which proves nothing"
        assert_equal "$(grep ^entering /tmp/ambush | sort | uniq -c)" "" "what was open of those who entered, with UserNS=$mode"
        systemctl kill --signal=KILL "ambush-$mode"
done

# A script whose interpreter is whoever executes it: our own program, in there. With UserNS=host root could write to it.
program=$(command -v slipway)
before=$(sha256sum "$program")
for mode in auto host; do
        launch "writer-$mode" <<END
[Container]
Image=localhost/busybox
UserNS=$mode
Entrypoint=
Volume=/srv/attack:/attack:ro
Exec=/attack overwrite
END
        wait_until 5 "the writer waits" has_logged "writer-$mode" waiting
        slipway exec "writer-$mode" sh -c 'printf "#!/proc/self/exe\n" >/script; chmod 755 /script'
        for _ in $(seq 80); do
                slipway exec "writer-$mode" /script 2>/dev/null || true
        done
        journal "writer-$mode" >/tmp/writer
        grep -q '^seen=' /tmp/writer || fail "the program was not seen in the container, which proves nothing"
        assert_equal "$(grep ^overwrite /tmp/writer | sort | uniq -c)" "" "our program, opened for writing with UserNS=$mode"
        assert_equal "$(sha256sum "$program")" "$before" "slipway"
        systemctl kill --signal=KILL "writer-$mode"
done

# What the container puts in the place of what is looked for.
launch hostile <<'END'
[Container]
Image=localhost/busybox
Entrypoint=
AddCapability=SYS_ADMIN
SeccompProfile=unconfined
Exec=sleep 1000
END
refused() {
        local said
        ! said=$(slipway exec "${@:2}" 2>&1 </dev/null) || fail "'${*:2}' is not refused"
        assert_contains "$said" "$1" "what is said to '${*:2}'"
}
for other in "mkfifo /etc/passwd" "ln -s /proc/1/environ /etc/passwd" "mkdir /etc/passwd" "ln -s passwd /etc/passwd"; do
        inside hostile sh -c "mv /etc/passwd /etc/kept; $other" || fail "cannot do '$other'"
        refused "the image's /etc/passwd is no plain file" --user=nobody hostile true
        inside hostile sh -c 'rm -rf /etc/passwd; mv /etc/kept /etc/passwd'
done
slipway exec hostile sh -c 'mount -t tmpfs none /dev/pts; ln -s /dev/zero /dev/pts/ptmx'
refused "/dev/pts is no devpts" -t hostile true
slipway exec hostile sh -c 'umount /dev/pts; mount -o bind /dev/zero /dev/null'
refused "the container's /dev/null is another device" -d hostile true
slipway exec -i hostile true </etc/hostname

# A filter under which no process can be made lets commands in all the same; one that kills for it, too.
for action in SCMP_ACT_ERRNO SCMP_ACT_KILL_PROCESS; do
        printf '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["clone","clone3","fork","vfork"],"action":"%s"}]}' $action >/etc/slipway/alone.json
        launch alone <<'END'
[Container]
Image=localhost/busybox
Entrypoint=
SeccompProfile=/etc/slipway/alone.json
Exec=sleep 1000
END
        assert_equal "$(slipway exec alone grep Seccomp: /proc/self/status | tr -d '\t')" Seccomp:2
        ! slipway exec alone sh -c 'true & wait' 2>/dev/null || fail "a process could be made"
        systemctl kill --signal=KILL alone
        wait_until 10 "it has ended" bash -c '! systemctl is-active alone'
done
rm -f /srv/probe /srv/attack
