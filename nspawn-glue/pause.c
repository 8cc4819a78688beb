/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-pause: process 1 of a pod whose containers share their processes
 *
 * It takes in orphans, and lives until the pod's unit stops; the kernel then ends whatever there still is.
 * All in the pod see it and what the kernel tells of it, so it gives up what it came with: mounts,
 * capabilities, system calls.
 */

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "nspawn-glue/only-waiting.h"

/* Everybody may read the list of mounts of everybody: here there is a directory with nothing in it. */
static int leave_mounts(void) {
        if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0 ||
                        mount("slipway", "/proc", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
                                        "mode=0,nr_inodes=1") < 0)
                return -errno;
        if (chdir("/proc") < 0 || syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
                        chdir("/") < 0)
                return -errno;
        return 0;
}

static int give_up_privileges(void) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[2] = {};

        if (setgroups(0, NULL) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
                        syscall(SYS_capset, &header, data) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return -errno;
        return 0;
}

/* Who sends a signal from inside has a number there; the service manager, outside, has none. */
static _Noreturn void stay(const sigset_t *all) {
        for (;;) {
                siginfo_t info = {};
                int number = sigwaitinfo(all, &info);

                if (number == SIGTERM && info.si_pid == 0)
                        _exit(EXIT_SUCCESS);
                while (waitpid(-1, NULL, WNOHANG) > 0)
                        ;
        }
}

int main(int argc, char **argv) {
        sigset_t all;
        int r;

        (void) sigfillset(&all);
        if (getpid() != 1 || sigprocmask(SIG_SETMASK, &all, NULL) < 0) {
                (void) fputs("slipway-pause is started by slipway-net, in a pod\n", stderr);
                return EXIT_FAILURE;
        }
        r = leave_mounts();
        if (r >= 0)
                r = give_up_privileges();
        if (r >= 0)
                r = only_waiting_load();
        if (r < 0) {
                (void) fprintf(stderr, "slipway-pause: cannot give up what it does not need: %s\n",
                                strerror(-r));
                return EXIT_FAILURE;
        }
        /* Who waits for that takes the end of this for a word. */
        (void) close_range(STDIN_FILENO, ~0U, 0);
        stay(&all);
}
