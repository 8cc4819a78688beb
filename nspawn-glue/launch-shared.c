/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * A bind whose mounts the host sees, and the other way round
 *
 * Our own mounts are the slaves of the host's by now: what is to be one of
 * the host's own has to be copied there. A process goes back for that, with
 * our descriptors.
 */

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "nspawn-glue/launch.h"
#include "nspawn-glue/source.h"
#include "nspawn-glue/tree.h"

/* Its exit status says how it went; the descriptor stays. */
static int open_there(const MountSpec *spec, int mounts_fd, int place) {
        autofd int source = -1;
        int fd, r;

        if (setns(mounts_fd, CLONE_NEWNS) < 0)
                return -errno;
        r = source_open(spec->source, &source, NULL);
        if (r >= 0)
                r = tree_clone(source, "", !spec->shallow, &fd);
        if (r >= 0 && dup3(fd, place, O_CLOEXEC) < 0)
                r = -errno;
        if (r >= 0)
                (void) close(fd);
        if (r >= 0 && !(spec->set & MOUNT_ATTR_RDONLY))
                source_mark(source);
        return r;
}

static int open_in_host(const MountSpec *spec, int place) {
        autofd int mounts = open("/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
        int status;
        pid_t pid;

        if (mounts < 0)
                return -errno;
        pid = (pid_t) syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
        if (pid < 0)
                return -errno;
        if (pid == 0)
                _exit(-open_there(spec, mounts, place));
        while (waitpid(pid, &status, 0) < 0)
                if (errno != EINTR)
                        return -errno;
        return WIFEXITED(status) ? -WEXITSTATUS(status) : -EIO;
}

int launch_open_shared(const Launch *launch, const MountSpec *spec, int *ret, Fault *fault) {
        autofd int fd = -1;
        int r;

        if (launch->userns.mode != USERNS_HOST)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "not supported in a user namespace: mounts that the container makes and the "
                                "host "
                                "sees (shared); UserNS=host has them, and 'slave' is the other way only");
        /* A number that is ours, for what the process will open. */
        fd = open("/dev/null", O_PATH | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        r = open_in_host(spec, fd);
        if (r < 0)
                return fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r,
                                "cannot bind '%s': %s%s", spec->source, strerror(-r),
                                r == -ENOENT ? "; make it first, nothing is made there by itself" : "");
        /* It is a peer of the host's; where that shares nothing, this does neither. */
        r = tree_propagate(fd, MS_SHARED, true);
        if (r < 0)
                return r;
        *ret = TAKE_FD(fd);
        return 0;
}
