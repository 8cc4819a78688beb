#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What keys of [Container] do, seen from inside: arguments, environment, network files, limits, mounts, devices, users.
. "$(dirname "$0")/lib.sh"

# Runs something in a container of the given keys, and waits until that has ended: its output is in the journal.
inside_of() {
        local name=$1
        shift
        manifest "$name.container" < <(
                printf '[Container]\nImage=localhost/busybox\n'
                printf '%s\n' "$@"
                printf '[Service]\nType=oneshot\n'
        )
        reload
        start "$name"
}

# What the app has printed: systemd's own lines may come in between.
printed() {
        journal "$1" _TRANSPORT=stdout
}

# Each word arrives as systemd would have passed it on, were it a command of its own.
inside_of argv "Exec=sh -c 'for w; do echo \"[\$\$w]\"; done' sh \"a b\" '' it\\'s \\x41\\u00e9\\s- \\; ; {} 100%% %p \$\$HOME \"\$\${X}\" \$LIST" \
        '[Service]' 'Environment="LIST=one two"'
assert_equal "$(printed argv | grep '^\[' | tr -d '\n')" '[a b][][it'"'"'s][Aé -][;][;][{}][100%][argv][$HOME][${X}][one][two]' argv

inside_of variables 'Exec=env' 'Environment=A= "B=x y" C=$$X D=%%i E=a=b IMPORTED' 'HttpProxy=no' '[Service]' \
        'Environment=IMPORTED=yes http_proxy=p'
for line in "A=" "B=x y" 'C=$X' "D=%i" "E=a=b" "IMPORTED=yes"; do
        journal variables | grep -qxF "$line" || fail "there is no $line: $(journal variables)"
done
assert_lacks "$(journal variables)" http_proxy environment

inside_of names 'HostName=foo.example.org' 'AddHost=a;b:192.0.2.4' 'AddHost=c:::2' 'DNS=192.0.2.53' 'DNSSearch=example.org' \
        'DNSOption=ndots:2' 'Exec=sh -c "hostname; cat /etc/hostname /etc/hosts /etc/resolv.conf"'
for line in "192.0.2.4	a b" "::2	c" "search example.org" "nameserver 192.0.2.53" "options ndots:2"; do
        journal names | grep -qxF "$line" || fail "there is no '$line': $(journal names)"
done
assert_equal "$(journal names | grep -cx foo.example.org)" 2 "host names"

inside_of limits 'Ulimit=nofile=100:200' 'Ulimit=core=0' 'Sysctl=net.ipv4.ip_forward=1 kernel.msgmax=5000' 'ShmSize=3m' \
        "Exec=sh -c 'ulimit -n; ulimit -Hn; cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax; df -k /dev/shm | tail -n 1'"
assert_contains "$(printed limits | tr '\n' ' ')" "100 200 1 5000 " limits
assert_contains "$(journal limits)" " 3072 " "size of /dev/shm"

mkdir -p /srv/keys/owned
echo hello >/srv/keys/file
printf '#!/bin/sh\necho executed\n' >/srv/keys/program
chmod +x /srv/keys/program
touch /srv/keys/owned/it
chown -R 33:33 /srv/keys/owned
inside_of mounts 'Volume=/srv/keys:/keys:ro,noexec' 'Volume=/srv/keys/file:/etc/motd' 'Volume=/srv/keys/owned:/owned:U' \
        'Volume=/srv/keys/owned:/raw:noidmap' 'Tmpfs=/fast:size=1m,exec,mode=1777' \
        'Mount=type=tmpfs,destination=/slow,tmpfs-size=1m,tmpfs-mode=0700' \
        "Exec=sh -c 'cat /keys/file /etc/motd; touch /keys/x; /keys/program; stat -c %%u:%%a /owned/it /slow /fast; stat -c %%u /raw/it; cp /keys/program /fast; /fast/program'"
seen=$(printed mounts)
assert_equal "$(grep -cx hello <<<"$seen")" 2 "times that the file was seen"
assert_journal mounts "/keys/x: Read-only file system"
assert_journal mounts "/keys/program: Permission denied"
# What the app has complained of may come at any time.
assert_contains "$(grep -v '^[a-z]*: ' <<<"$seen" | tr '\n' ' ')" "0:644 0:700 0:1777 65534 executed"
assert_equal "$(stat -c %u:%g /srv/keys/owned/it)" 0:0 "owner on the host of what was given to the container's user"

inside_of devices 'AddDevice=/dev/null:/dev/another:rw' 'AddDevice=-/dev/no-such-device' \
        "Exec=sh -c 'echo x >/dev/another && echo written; ls /dev'"
assert_journal devices written
assert_lacks "$(journal devices)" no-such-device "devices"

inside_of hidden 'Mask=/etc/motd:/usr' 'Unmask=/sys/firmware' 'Exec=sh -c "wc -c </etc/motd; ls /usr | wc -l"' 'Volume=/srv/keys/file:/etc/motd'
assert_equal "$(journal hidden | grep -cx 0)" 2 "hidden things"

inside_of user 'User=1000' 'Group=1001' 'GroupAdd=5' 'GroupAdd=audio' 'WorkingDir=/made/for/it' 'AddCapability=NET_RAW' \
        "Exec=sh -c 'id -u; id -g; id -G; pwd; umask; grep CapEff /proc/self/status'"
assert_contains "$(printed user | tr '\n' ' ')" "1000 1001 " user
assert_contains "$(journal user)" "29" groups
assert_contains "$(journal user)" "/made/for/it" "working directory"
assert_contains "$(journal user)" 0000000000002000 capabilities

# The program, in all the ways in which it can be said. The image has an entry point, and a command for it.
launch entry < <(printf '[Container]\nImage=localhost/redis\nEntrypoint=["/bin/echo","a b"]\nExec=c "d e"\n[Service]\nType=oneshot\n')
assert_journal entry "a b c d e"
launch cleared < <(printf '[Container]\nImage=localhost/scratch\nEntrypoint=\nExec=/app env\n[Service]\nType=oneshot\n')
assert_journal cleared "HOSTNAME=cleared"
launch dropped < <(printf '[Container]\nImage=localhost/redis\nEntrypoint=/bin/ls\nWorkingDir=/etc/apt\n[Service]\nType=oneshot\n')
assert_journal dropped sources.list

# What cannot be is told with its reason.
refused() {
        local name=$1 expected=$2
        shift 2
        manifest "$name.container" < <(
                printf '[Container]\nImage=localhost/busybox\nExec=true\n'
                printf '%s\n' "$@"
        )
        reload
        start_fails "$name"
        assert_status "$name" "$expected"
}
echo '{bad' >/srv/keys/bad.json
refused no-user "no user 'nobody-such'" User=nobody-such
refused far-user "no such id" User=70000
refused no-file "cannot read the environment file '/no-such-file'" EnvironmentFile=/no-such-file
refused no-profile "/no-such-profile.json" SeccompProfile=/no-such-profile.json
refused bad-profile "/srv/keys/bad.json:1:" SeccompProfile=/srv/keys/bad.json
refused no-device "/dev/no-such-device" AddDevice=/dev/no-such-device
refused on-file "a directory cannot be put on a file" Volume=/srv/keys:/etc/passwd
refused not-a-directory "'/etc/passwd': Not a directory" WorkingDir=/etc/passwd

# It is the start that has failed whose status is shown, not the cleaning.
refused deaf "NotifyAccess=" "[Service]" "NotifyAccess=main"
