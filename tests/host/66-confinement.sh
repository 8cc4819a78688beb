#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What an app may do if nobody has said anything: capabilities, system calls, devices, what of the kernel it sees.
. "$(dirname "$0")/lib.sh"

launch caged <<'END'
[Container]
Image=localhost/busybox
Exec=sleep 1000
END
status() {
        awk -v key="$2:" '$1 == key { print $2 }' "/proc/$(payload "$1")/status"
}

# Podman's eleven: chown dac_override fowner fsetid kill setgid setuid setpcap net_bind_service sys_chroot setfcap.
for set in CapBnd CapPrm CapEff; do
        assert_equal "$(status caged $set)" 00000000800405fb "$set"
done
assert_equal "$(status caged CapInh)" 0000000000000000 CapInh
assert_equal "$(status caged CapAmb)" 0000000000000000 CapAmb
assert_equal "$(status caged Seccomp)" 2 "seccomp mode"

# Three descriptors, and no more.
assert_equal "$(ls "/proc/$(payload caged)/fd" | tr '\n' ' ')" "0 1 2 " "descriptors"

# It is process 1, and sees no other process than its own.
assert_equal "$(inside caged sh -c 'ls -d /proc/[0-9]*' | head -n 1)" /proc/1 "first process"
assert_equal "$(inside caged cat /proc/1/comm)" sleep "process 1"
for namespace in cgroup ipc mnt net pid user uts; do
        [ "$(readlink "/proc/$(payload caged)/ns/$namespace")" != "$(readlink "/proc/self/ns/$namespace")" ] ||
                fail "it is in the host's $namespace namespace"
done

# Kernel files are masked or read-only.
for file in /proc/kcore /proc/keys /proc/timer_list /proc/sched_debug; do
        [ -e "$file" ] || continue
        assert_equal "$(inside caged sh -c "wc -c <$file" 2>/dev/null || echo 0)" 0 "size of $file"
done
for directory in /sys/firmware /proc/acpi /proc/scsi; do
        [ -d "$directory" ] || continue
        assert_equal "$(inside caged ls "$directory" 2>/dev/null)" "" "content of $directory"
done
for file in /proc/sysrq-trigger /proc/sys/kernel/hostname /sys/kernel/mm/transparent_hugepage/enabled; do
        [ -e "$file" ] || continue
        ! inside caged sh -c "echo x >$file" 2>/dev/null || fail "$file can be written"
done

# Few devices, none of the host's disks.
for device in null zero full random urandom tty; do
        inside caged test -c "/dev/$device" || fail "there is no /dev/$device"
done
assert_equal "$(inside caged find /dev -type b)" "" "block devices"
! inside caged mknod /tmp/disk b 8 0 2>/dev/null || fail "a block device can be made"

# No path of the host but the binds that systemd and the image's layers need.
assert_lacks "$(inside caged cat /proc/1/environ | tr '\0' '\n')" NOTIFY_SOCKET "environment"
[ ! -e "/proc/$(payload caged)/root/run/systemd/private" ] || fail "the host's service manager can be reached"

# More is had by asking, less too.
launch trusted <<'END'
[Container]
Image=localhost/busybox
AddCapability=SYS_TIME net_raw
DropCapability=CAP_CHOWN
NoNewPrivileges=yes
Exec=sleep 1000
END
assert_equal "$(status trusted CapBnd)" 00000000820425fa "CapBnd"
assert_equal "$(status trusted NoNewPrivs)" 1 NoNewPrivs

# A user that is not root has no capability, but those that were asked for.
launch plain <<'END'
[Container]
Image=localhost/busybox
User=www-data
Exec=sleep 1000
END
assert_equal "$(status plain CapEff)" 0000000000000000 "CapEff of a user"
launch ambient <<'END'
[Container]
Image=localhost/busybox
User=www-data
DropCapability=all
AddCapability=net_bind_service
Exec=sleep 1000
END
assert_equal "$(status ambient CapEff)" 0000000000000400 "CapEff of a user with an added capability"

# The filter: what is refused by it, and what is not there for those who ask.
launch unfiltered <<'END'
[Container]
Image=localhost/busybox
SeccompProfile=unconfined
Exec=sleep 1000
END
assert_equal "$(status unfiltered Seccomp)" 0 "seccomp mode of an unconfined container"
