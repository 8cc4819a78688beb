/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/capability.h"
#include "lib/cleanup.h"
#include "nspawn-glue/init.h"
#include "nspawn-glue/own-arch.h"

/*
 * To wait, to send signals on, to end: there is nothing else to do. The app's
 * filter is not ours, and the app may be allowed to trace processes. With this
 * one it gains nothing by that: no hand makes this process do more.
 */
static int allow_only_waiting(void) {
#ifdef OWN_AUDIT_ARCH
        static struct sock_filter code[] = {
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_AUDIT_ARCH, 1, 0),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_wait4, 6, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_rt_sigtimedwait, 5, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 4, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_restart_syscall, 3, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_close_range, 2, 0),
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
        };
        const struct sock_fprog program = { .len = ELEMENTS(code), .filter = code };

        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
                return -errno;
#endif
        return 0;
}

/* The last privilege is to send signals to the app, whoever it is. */
int init_become_reaper(void) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[2] = {};
        sigset_t all;

        (void) sigfillset(&all);
        data[0].effective = data[0].permitted = (uint32_t) CAPABILITY_BIT(CAP_KILL);

        /* Not dumpable: nobody in the container looks into it, or at the host's file that it is. */
        if (sigprocmask(SIG_SETMASK, &all, NULL) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
                        syscall(SYS_capset, &header, data) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
                        prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
                return -errno;
        return allow_only_waiting();
}

/* Takes in all that has ended. Return: the app's exit status, or -1 while it runs. */
static int collect(int app) {
        int status, found = -1;
        pid_t pid;

        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
                if (pid == app)
                        found = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
        return found;
}

int init_reap(int app) {
        sigset_t all;

        (void) sigfillset(&all);
        for (;;) {
                int status = collect(app), number;

                if (status >= 0)
                        return status;
                number = sigwaitinfo(&all, NULL);
                if (number > 0 && number != SIGCHLD)
                        (void) kill(app, number);
        }
}
