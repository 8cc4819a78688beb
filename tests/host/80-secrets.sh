#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Secrets of the credential stores reach the app, as files and as variables, and nobody else.
. "$(dirname "$0")/lib.sh"

install -d -m 700 /etc/credstore /etc/credstore.encrypted /run/credstore

# No text of these may be found anywhere but in the app.
file=file-$RANDOM$RANDOM$RANDOM variable=variable-$RANDOM$RANDOM$RANDOM plain=plain-$RANDOM$RANDOM$RANDOM
encrypt() {
        systemd-creds encrypt --name="$1" - "/etc/credstore.encrypted/$1" 2>/dev/null
}
encrypt key <<<"$file"
printf %s "$variable" | encrypt password
printf %s "$plain" >/etc/credstore/token
printf 'passing' >/run/credstore/fleeting
chmod 600 /etc/credstore/token

# --- where a secret comes from, and what it looks like inside -------------------------------------------------------------

launch vault <<'END'
[Container]
Image=localhost/busybox
Secret=key token,target=/etc/app/token,uid=1000,gid=100,mode=0400
Secret=key,target=deep/er,mode=0555
Secret=password,type=env,target=DB_PASSWORD
Secret=fleeting,type=env
Environment=DB_PASSWORD=overridden
Exec=sleep 1000
END
assert_equal "$(inside vault cat /run/secrets/key)" "$file" "an encrypted secret"
assert_equal "$(inside vault cat /etc/app/token)" "$plain" "a plain secret"
assert_equal "$(inside vault stat -c '%a %u:%g' /run/secrets/key)" "444 0:0" "owner and mode by default"
assert_equal "$(inside vault stat -c '%a %u:%g' /etc/app/token)" "400 1000:100" "owner and mode as asked"
assert_equal "$(inside vault stat -c '%a' /run/secrets/deep/er)" "555" "the mode of a second place"
assert_equal "$(inside vault stat -f -c %T /run/secrets/key)" "ramfs" "the file system of a secret"
environment=$(tr '\0' '\n' <"/proc/$(payload vault)/environ")
assert_contains "$environment" "DB_PASSWORD=$variable" "environment of the app"
assert_contains "$environment" "fleeting=passing" "environment of the app"
assert_lacks "$environment" overridden "environment of the app"
assert_lacks "$environment" CREDENTIALS_DIRECTORY "environment of the app"
if inside vault sh -c 'echo x >/run/secrets/key' 2>/dev/null; then
        fail "a secret can be written"
fi
[ ! -e "/proc/$(payload vault)/root/run/credentials" ] || fail "the unit's own credentials are in the container"

# --- and nowhere else --------------------------------------------------------------------------------------------------

# nothing PLACE…: greps files for all three.
nowhere() {
        local found
        found=$(grep -raFl -e "$file" -e "$variable" -e "$plain" "$@" 2>/dev/null | head -n 3) || true
        [ -z "$found" ] || fail "a secret is in $found"
}
app=$(payload vault) nspawn=$(show vault MainPID)
for process in /proc/[0-9]*; do
        [ "$process" = "/proc/$app" ] || [ "$process" = "/proc/$$" ] || nowhere "$process/environ"
        nowhere "$process/cmdline"
done
nowhere /run/systemd /run/slipway /var/lib/slipway /var/cache/slipway /etc/slipway /etc/systemd /tmp /var/tmp
! journalctl -q --no-pager --output=export --since="@$started" |
        grep -aF -e "$file" -e "$variable" -e "$plain" || fail "a secret is in the journal"
! systemctl show vault | grep -F -e "$file" -e "$variable" -e "$plain" || fail "a secret is in the unit's properties"

# What would be in a core dump of systemd-nspawn, which has a descriptor of the plan: all of its memory that is not a file's.
memory() {
        local from to permissions rest
        while IFS=' -' read -r from to permissions _ _ _ rest; do
                [[ $permissions == r* ]] && [[ $rest != *\[v*\]* ]] || continue
                dd if="/proc/$1/mem" bs=4096 skip=$((16#$from / 4096)) count=$(((16#$to - 16#$from) / 4096)) 2>/dev/null || true
        done <"/proc/$1/maps"
}
memory "$app" >/tmp/memory
grep -qaF "$variable" /tmp/memory || fail "the search in memory finds nothing where there is something"
memory "$nspawn" >/tmp/memory
grep -qaF systemd /tmp/memory || fail "the memory of systemd-nspawn cannot be read"
nowhere /tmp/memory
rm /tmp/memory

# Who is executed in there has the app's environment, and nobody on the way to there shows it.
slipway exec vault sh -c 'echo "$DB_PASSWORD" >/dev/shm/seen; exec sleep 1000' &
command=$!
wait_until 5 "a command runs in there" inside vault test -s /dev/shm/seen
assert_equal "$(inside vault cat /dev/shm/seen)" "$variable" "what the command has"
nowhere "/proc/$command/environ" "/proc/$command/cmdline" <(slipway inspect vault 2>&1) <(slipway list --json 2>&1)

# --- what reads secrets leaves no core -----------------------------------------------------------------------------------

# core_of PROCESS: has it die of a fault, and prints where its core is. It takes a machine that writes cores to where one is.
core_of() {
        local directory
        directory=$(readlink "/proc/$1/cwd")
        kill -SEGV "$1"
        kill -CONT "$1" 2>/dev/null || true
        wait_until 5 "process $1 is dead" eval "! grep -q '^State:.[^Z]' /proc/$1/status"
        find "$directory" -maxdepth 1 -name 'core*' -newer /tmp/before -type f
}
if [[ $(cat /proc/sys/kernel/core_pattern) == core* ]] && [ -x /srv/faulty/nspawn-glue/slipway-nspawn ]; then
        touch /tmp/before
        systemd-run --quiet --unit=faller -p LimitCORE=infinity -p WorkingDirectory=/ sleep 1000
        core=$(core_of "$(show faller MainPID)")
        [ -n "$core" ] || fail "not even sleep leaves a core"
        rm "$core"

        # The launcher, when it has all secrets and is about to become systemd-nspawn.
        manifest dying.container <<'END'
[Container]
Image=localhost/busybox
Secret=key password,type=env
Exec=sleep 1000

[Service]
LimitCORE=infinity
END
        reload
        mkdir -p /run/slipway/fault-points
        echo "stage:start the container=stop" >/run/slipway/fault-points/dying
        mount --bind /srv/faulty/nspawn-glue/slipway-nspawn /usr/libexec/slipway/slipway-nspawn
        systemctl start --no-block dying
        is_stopped() {
                grep -q '^State:.T' "/proc/$(show dying MainPID)/status"
        }
        wait_until 5 "the launcher stands still" is_stopped
        memory "$(show dying MainPID)" >/tmp/memory
        nowhere /tmp/memory
        rm /tmp/memory
        core=$(core_of "$(show dying MainPID)")
        umount /usr/libexec/slipway/slipway-nspawn
        rm -r /run/slipway/fault-points
        [ -z "$core" ] || fail "the launcher leaves a core: $core"

        # systemd-nspawn leaves one, with nothing in it; and who waits for a command in the container none.
        prlimit --core=unlimited --pid "$command"
        core=$(core_of "$command")
        [ -z "$core" ] || fail "slipway exec leaves a core: $core"
        prlimit --core=unlimited --pid "$nspawn"
        core=$(core_of "$nspawn")
        [ -n "$core" ] || fail "systemd-nspawn leaves no core"
        nowhere "$core"
        rm "$core"
fi

# Process 1 that stays has read the plan. The kernel makes no core of it, and lets the app not look into it, who is the
# same user and has more capabilities.
launch reaper <<'END'
[Container]
Image=localhost/busybox
RunInit=yes
Secret=password,type=env
Exec=sh -c 'cat /proc/1/environ >/dev/null && echo readable || echo closed; sleep 1000'
END
wait_until 5 "it has looked" has_logged reaper closed
assert_lacks "$(journal reaper)" readable "what the app says of process 1"
assert_contains "$(tr '\0' '\n' <"/proc/$(pgrep -P "$(payload reaper)")/environ")" "password=$variable" "environment"

# --- in other surroundings -----------------------------------------------------------------------------------------------

# With the host's ids, in a directory that stays, in a root that nobody writes to.
for userns in host auto; do
        launch "odd-$userns" <<END
[Container]
Image=localhost/busybox
UserNS=$userns
ReadOnly=yes
Tmpfs=/run
User=1000
Secret=token,uid=1000,mode=0400
Exec=sh -c 'cat /run/secrets/token; echo " by \$(id -u)"; cat \$CREDENTIALS_DIRECTORY/greeting; sleep 1000'

[Service]
SetCredential=greeting:hello\\n
END
        assert_journal "odd-$userns" "$plain"
        assert_journal "odd-$userns" "by 1000"
        assert_journal "odd-$userns" hello
done

# --- the unit's other credentials ----------------------------------------------------------------------------------------

launch native <<'END'
[Container]
Image=localhost/busybox
User=1000
Secret=token
Exec=sh -c 'cat $CREDENTIALS_DIRECTORY/greeting; ls $CREDENTIALS_DIRECTORY; echo; sleep 1000'

[Service]
SetCredential=greeting:hello
END
assert_journal native hello
assert_contains "$(journal native)" greeting "the credentials of the app"
assert_lacks "$(journal native)" token "the credentials of the app"
assert_equal "$(inside native stat -c '%a %u' /run/host/credentials/greeting)" "400 1000" "owner of a credential"
if inside native sh -c 'echo x >/run/host/credentials/greeting' 2>/dev/null; then
        fail "a credential can be written"
fi

# What [Service] says of a credential with the secret's name counts.
launch own <<'END'
[Container]
Image=localhost/busybox
Secret=key
Exec=sh -c 'cat /run/secrets/key; sleep 1000'

[Service]
LoadCredential=key:/etc/hostname
END
assert_journal own "$(cat /etc/hostname)"

# --- what goes wrong ---------------------------------------------------------------------------------------------------

manifest missing.container <<'END'
[Container]
Image=localhost/busybox
Secret=no-such-secret,type=env
Exec=sleep 1000
END
manifest outside.container <<'END'
[Container]
Image=localhost/busybox
Secret=key,uid=70000
Exec=sleep 1000
END
manifest twice.container <<'END'
[Container]
Image=localhost/busybox
Secret=key,target=x token,target=x
Exec=sleep 1000
END
manifest binary.container <<'END'
[Container]
Image=localhost/busybox
Secret=binary,type=env
Exec=sleep 1000
END
printf 'a\0b' >/etc/credstore/binary
manifest instance@.container <<'END'
[Container]
Image=localhost/busybox
Secret=%i,target=x
Exec=sleep 1000
END
reload
start_fails missing
assert_status missing "there is no secret 'no-such-secret'"
assert_status missing "slipway secret create no-such-secret"
assert_equal "$(show missing ExecMainStatus)" 125 "exit status"
assert_journal missing "there is no secret" MESSAGE_ID=b9a1ecf0e27649d8af77fc770fe99cc3
start_fails outside
assert_status outside "cannot belong to 70000"
start_fails twice
assert_status twice "two secrets are to be at '/run/secrets/x'"
start_fails binary
assert_status binary "has a NUL byte"
start instance@token
assert_equal "$(inside instance@token cat /run/secrets/x)" "$plain" "the secret of an instance"
