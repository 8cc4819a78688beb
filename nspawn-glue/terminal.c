/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/terminal.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "lib/cleanup.h"

/* The kernel's file system, in which nobody but the kernel makes files. */
static int open_devpts(int root_fd, int *ret, Fault *fault) {
        struct open_how how = {
                .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
        };
        autofd int fd = -1;
        struct statfs st;

        do
                fd = (int) syscall(SYS_openat2, root_fd, "dev/pts", &how, sizeof(how));
        while (fd < 0 && errno == EAGAIN);
        if (fd < 0)
                return -errno;
        if (fstatfs(fd, &st) < 0 || st.f_type != DEVPTS_SUPER_MAGIC)
                return fault_raise(fault, FAULT_HOSTILE, ENODEV,
                                "there are no terminals in the container: /dev/pts is no devpts");
        *ret = TAKE_FD(fd);
        return 0;
}

int terminal_open(int root_fd, uid_t owner, const struct winsize *size, int *ret_master, int *ret_slave,
                Fault *fault) {
        autofd int devpts = -1, master = -1, slave = -1;
        int locked = 0, r;

        r = open_devpts(root_fd, &devpts, fault);
        if (r < 0)
                return r;
        master = openat(devpts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
        if (master < 0 || ioctl(master, TIOCSPTLCK, &locked) < 0)
                return -errno;
        slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (slave < 0 || fchown(slave, owner, (gid_t) -1) < 0)
                return -errno;
        if (size->ws_row > 0 && ioctl(master, TIOCSWINSZ, size) < 0)
                return -errno;
        *ret_master = TAKE_FD(master);
        *ret_slave = TAKE_FD(slave);
        return 0;
}
