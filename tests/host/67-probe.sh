#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What an app finds in its container, told by a program in there: ids, limits, devices, mounts, system calls.
. "$(dirname "$0")/lib.sh"

probe=/srv/build/tests/probe/probe
[ -x "$probe" ] || skip "the build has no probe"

# launch_probe NAME: the lines from standard input are its manifest's, beside what it needs to run.
launch_probe() {
        { cat; echo "Volume=$probe:/probe:ro"; echo 'Exec=/probe an argument'; } >"/tmp/$1.manifest"
        launch "$1" < <(printf '[Container]\nImage=localhost/busybox\nEntrypoint=\n'; cat "/tmp/$1.manifest")
        wait_until 10 "the probe of $1 has ended" has_logged "$1" end=yes
        journal "$1" >"/tmp/$1.facts"
}
fact() {
        sed -n "s|^$2=||p" "/tmp/$1.facts"
}
has() {
        assert_equal "$(fact "$1" "$2")" "$3" "$2 in $1"
}

launch_probe plain <<'END'
END
has plain uid 0
has plain gid 0
has plain groups 0
has plain umask 0022
has plain pid 1
has plain sid 1
has plain cwd /
has plain hostname plain
has plain arg.1 an
has plain arg.2 argument
has plain env.container slipway
has plain env.HOSTNAME plain
assert_lacks "$(grep ^env. /tmp/plain.facts)" NOTIFY_SOCKET environment
assert_lacks "$(grep ^env. /tmp/plain.facts)" LISTEN_ environment
assert_lacks "$(grep ^env. /tmp/plain.facts)" SYSTEMD environment
assert_equal "$(fact plain uid_map | awk '{ print $1, $3 }')" "0 65536" "uid map"
assert_equal "$(fact plain gid_map)" "$(fact plain uid_map)" "gid map"
assert_equal "$(grep -c '^fd\.' /tmp/plain.facts)" 3 "number of descriptors"
has plain fd.0 /dev/null
assert_equal "$(grep -c '^signal\.' /tmp/plain.facts)" 0 "number of signals that are not at their default"
assert_contains "$(fact plain status)" $'CapBnd:\t00000000800405fb' status
assert_contains "$(fact plain status)" $'NoNewPrivs:\t0' status
assert_contains "$(fact plain status)" $'Seccomp:\t2' status
assert_contains "$(fact plain status)" $'Seccomp_filters:\t1' status
assert_contains "$(fact plain status)" $'SigBlk:\t0000000000000000' status

# Its mounts are its own: no directory of the host is among them, and none is shared with it.
assert_lacks "$(fact plain mount)" shared: "mounts"
assert_lacks "$(fact plain mount)" master: "mounts"
while read -r _ _ _ root target _; do
        case $target in
        / | /proc | /proc/* | /sys | /sys/* | /dev | /dev/* | /etc/hosts | /etc/hostname | /etc/resolv.conf | /probe) ;;
        *) fail "a mount that nobody asked for: $root on $target" ;;
        esac
done < <(fact plain mount)

# The container's control groups are of the kind that the host has.
if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
        assert_contains "$(fact plain mount | grep ' /sys/fs/cgroup ')" "- cgroup2" "mount of control groups"
fi

# Devices are those that every container has.
assert_equal "$(sed -n 's/^dev\.\([^=]*\)=char.*/\1/p' /tmp/plain.facts | sort | tr '\n' ' ')" \
        "full null random tty urandom zero " "character devices"
assert_equal "$(grep -c '^dev\..*=block' /tmp/plain.facts || true)" 0 "number of block devices"
assert_contains "$(fact plain dev.stdout)" "fifo" "/dev/stdout"

# Nothing that is hidden is seen, and nothing that is protected is written.
assert_equal "$(grep '^hidden\..*=seen' /tmp/plain.facts || true)" "" "hidden files"
assert_equal "$(grep '^write\./[ps].*=ok' /tmp/plain.facts || true)" "" "protected files"
has plain write./root-probe ok

# System calls: refused, missing, or as free as they should be.
for call in acct add_key bpf delete_module finit_module init_module io_uring_setup kexec_load keyctl mknod-block \
        mount mount_setattr move_mount open_by_handle_at open_tree perf_event_open pivot_root quotactl reboot \
        request_key sethostname setns settimeofday swapoff swapon syslog umount2 unshare-mount unshare-user \
        userfaultfd vhangup socket-raw socket-packet; do
        [ -n "$(fact plain "syscall.$call")" ] || fail "the probe does not try $call"
        [ "$(fact plain "syscall.$call")" != ok ] || fail "the app can make $call"
done
for call in getpid socket-inet chroot; do
        has plain "syscall.$call" ok
done
has plain syscall.nosys ENOSYS

# The least that there is.
launch_probe least <<'END'
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
has least uid 1234
has least gid 5678
has least groups "99 5678"
has least cwd /made/for/it
has least hostname some.where
has least env.HOME /home
has least rlimit.nofile "100 200"
has least rlimit.core "0 0"
has least write./root-probe EROFS
has least syscall.chroot EPERM
assert_contains "$(fact least status)" $'CapBnd:\t0000000000000000' status
assert_contains "$(fact least status)" $'NoNewPrivs:\t1' status

# The most: what was asked for is there, and the user namespace still is between it and the host.
launch_probe most <<'END'
AddCapability=all
SeccompProfile=unconfined
Unmask=ALL
END
has most syscall.sethostname ok
has most syscall.socket-raw ok
has most syscall.mount ok
has most syscall.mknod-block EPERM
has most syscall.settimeofday EPERM
has most syscall.reboot EINVAL
assert_contains "$(fact most status)" $'Seccomp:\t0' status
