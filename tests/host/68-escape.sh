#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# Ways out of containers that have worked elsewhere, tried by a program in there. See SECURITY.md for what is no boundary.
. "$(dirname "$0")/lib.sh"

[ -x /srv/build/tests/probe/attack ] || skip "the build has no program that attacks"
install -m 755 /srv/build/tests/probe/attack /srv/attack

# attack NAME ARGUMENTS…: what the program says; the lines from standard input are the manifest's.
attack() {
        local name=$1
        shift
        {
                printf '[Container]\nImage=localhost/busybox\nEntrypoint=/attack\nVolume=/srv/attack:/attack:ro\n'
                cat
                printf 'Exec=%s\n' "$*"
        } >"/tmp/$name.manifest"
        launch "$name" <"/tmp/$name.manifest"
        wait_until 10 "the attack of $name has ended" has_logged "$name" end
        journal "$name" "SYSLOG_IDENTIFIER=$name"
}
result() {
        sed -n "s|^$2=||p" "$1"
}

# Process 1 of RunInit= has no filter of the profile: the app must not do its calls by that hand. Even if it may trace
# processes, all that this one can do is to wait.
attack traced trace 1 <<'END' >/tmp/out
RunInit=yes
END
assert_equal "$(result /tmp/out trace.1)" EPERM "to make process 1 do a call"
attack tracer trace 1 <<'END' >/tmp/out
RunInit=yes
AddCapability=SYS_PTRACE
END
assert_equal "$(result /tmp/out trace.1)" EPERM "to make process 1 do a call, as a tracer"

launch reaper <<'END'
[Container]
Image=localhost/busybox
RunInit=yes
Exec=sleep 1000
END
first=/proc/$(payload reaper)
assert_equal "$(awk '/^Seccomp:/ { print $2 }' "$first/status")" 2 "seccomp mode of process 1"
assert_equal "$(awk '/^NoNewPrivs:/ { print $2 }' "$first/status")" 1 "no_new_privs of process 1"
assert_equal "$(awk '/^CapPrm:/ { print $2 }' "$first/status")" 0000000000000020 "capabilities of process 1"
assert_equal "$(ls "$first/fd" | tr '\n' ' ')" "0 1 2 " "descriptors of process 1"
attack looker write /proc/1/exe /proc/1/mem /proc/1/environ <<<RunInit=yes >/tmp/out
assert_equal "$(grep -c '^write.*=EACCES' /tmp/out)" 3 "files of process 1 that are closed"

# The host's slipway-init is what an image can execute by that name (CVE-2019-5736). It cannot be written to: not by
# the host's root in a container, and not when nobody executes it.
init=$(find /usr/libexec /usr/lib -name slipway-init 2>/dev/null | sed q)
before=$(sha256sum "$init")
attack writer write /proc/1/exe <<'END' >/tmp/out
RunInit=yes
UserNS=host
AddCapability=SYS_PTRACE
END
[[ $(result /tmp/out write./proc/1/exe) =~ ^(EROFS|ETXTBSY)$ ]] || fail "the program of process 1 can be written to"
launch keeper <<'END'
[Container]
Image=localhost/busybox
UserNS=host
RunInit=yes
Exec=sleep 1000
END
# A descriptor outlives the process, and keeps the mount that it was opened on.
exec 9<"/proc/$(payload keeper)/exe"
for unit in traced tracer looker writer reaper keeper; do
        systemctl kill --signal=KILL "$unit" 2>/dev/null || true
        systemctl stop "$unit"
done
! (: >>/proc/self/fd/9) 2>/dev/null || fail "the host's slipway-init can be written to by a descriptor from a container"
exec 9<&-
assert_equal "$(sha256sum "$init")" "$before" "slipway-init"

# Other ways into the kernel lead to the same filter; through socketcall(2) it could not see the family.
if [ "$(uname -m)" = x86_64 ]; then
        attack interfaces interfaces </dev/null >/tmp/out
        assert_equal "$(result /tmp/out i386.getpid)" ok "a harmless 32-bit call"
        for call in i386.mount i386.unshare i386.clone i386.socket x32.unshare x32.mount; do
                assert_equal "$(result /tmp/out "$call")" EPERM "$call"
        done
        assert_equal "$(result /tmp/out i386.socketcall)" ENOSYS "a socket of a denied family by socketcall"
fi

# Files by which the host would do something for us. The host's own root finds them no more writable.
files=(/proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/kernel/hotplug
        /proc/sys/vm/panic_on_oom /proc/sys/fs/binfmt_misc/register /proc/irq/default_smp_affinity /proc/kcore
        /proc/kmsg /proc/mtrr /dev/kmsg /dev/mem /dev/console /sys/kernel/uevent_helper /sys/power/state
        /sys/kernel/mm/transparent_hugepage/enabled /sys/module/kernel/parameters/panic /sys/kernel/debug/x
        /sys/fs/cgroup/release_agent /sys/fs/cgroup/memory/release_agent /sys/fs/cgroup/systemd/release_agent
        /sys/fs/cgroup/cgroup.procs /sys/fs/cgroup/systemd/cgroup.procs /sys/fs/cgroup/memory/memory.limit_in_bytes
        /run/systemd/notify /run/systemd/private /run/host)
for mode in auto host; do
        attack "files-$mode" write "${files[@]}" <<<"UserNS=$mode" >/tmp/out
        assert_equal "$(grep -c ^write /tmp/out)" ${#files[@]} "number of files that were tried"
        assert_equal "$(grep -E '^write.*=ok' /tmp/out || true)" "" "files that can be written with UserNS=$mode"
done

# A volume is shared with somebody who exchanges a directory in it for links, while others mount below it.
mkdir -p /srv/shared /srv/other
launch swapper <<'END'
[Container]
Image=localhost/busybox
Entrypoint=/attack
Volume=/srv/attack:/attack:ro
Volume=/srv/shared:/shared
Exec=swap /shared /proc /proc/self /proc/1/root /sys /dev / ../../../../../../srv/other
END
wait_until 5 "the swapper swaps" has_logged swapper swapping
before=$(find /srv/other /etc /run/slipway/stdio -newer /srv/attack 2>/dev/null | sort)
mounts=$(wc -l </proc/self/mountinfo)
for mode in auto host; do
        manifest victim.container <<END
[Container]
Image=localhost/busybox
UserNS=$mode
Volume=/srv/shared:/shared
Volume=/srv/other:/shared/place/other
Tmpfs=/shared/place/tmpfs
WorkingDir=/shared/place/work
Exec=sleep 1000

[Unit]
StartLimitIntervalSec=0
END
        reload
        for _ in $(seq 5); do
                systemctl start victim 2>/dev/null || continue
                ! awk '{ print $5 }' "/proc/$(payload victim)/mountinfo" | grep -E '^/proc.*/(other|tmpfs)$' ||
                        fail "a volume was mounted in /proc"
                systemctl kill --signal=KILL victim
        done
        systemctl stop victim
done
assert_equal "$(wc -l </proc/self/mountinfo)" "$mounts" "number of mounts of the host"
assert_equal "$(find /srv/other -mindepth 1)" "" "what is in a directory that a link pointed to"
systemctl kill --signal=KILL swapper
systemctl stop swapper

# Somebody who has a directory puts a link into it, in the place of one that another manifest has for a source.
mkdir -p /srv/shared/part
manifest part.container <<'END'
[Container]
Image=localhost/busybox
Volume=/srv/shared/part:/part
Exec=sleep 1000
END
reload
start part
systemctl kill --signal=KILL part
systemctl stop part
echo SECRET=other >/srv/secret
echo OWN=mine >/srv/shared/settings
manifest reader.container <<'END'
[Container]
Image=localhost/busybox
EnvironmentFile=/srv/shared/settings
Exec=env
END
reload
start reader
wait_until 10 "the reader has read" has_logged reader OWN=mine
launch linker <<'END'
[Container]
Image=localhost/busybox
Volume=/srv/shared:/shared
Exec=sh -c 'mv /shared/part /shared/gone && ln -s /etc /shared/part && ln -sf /srv/secret /shared/settings'
END
wait_until 10 "the links are there" test -L /srv/shared/settings
start_fails part
assert_status part "is a link in a directory that a container can write to"
start_fails reader
assert_status reader "is a link in a directory that a container can write to"

# Whoever is on the host without being root sees nothing of a container but its processes.
launch private <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
as_nobody() {
        setpriv --reuid=65534 --regid=65534 --clear-groups "$@" 2>/dev/null
}
for path in /var/lib/slipway /var/cache/slipway /run/slipway/stdio "/proc/$(payload private)/root/"; do
        [ -e "$path" ] || fail "no $path"
        ! as_nobody ls "$path" >/dev/null || fail "everybody can look into $path"
done
! as_nobody sh -c 'echo forged >/run/slipway/stdio/private.out' || fail "everybody can write a container's journal"
[ -p /run/slipway/stdio/private.out ] || fail "there is no FIFO, so that proves nothing"

rm -rf /srv/attack /srv/shared /srv/other /srv/secret
