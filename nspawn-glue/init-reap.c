/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/capability.h"
#include "nspawn-glue/init.h"
#include "nspawn-glue/only-waiting.h"

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
        /* In the processes of a pod, orphans of this container are to come here and not to others. */
        if (getpid() != 1 && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
                return -errno;
        return only_waiting_load();
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

/*
 * When the container has ended, the service manager kills who reads what the app has written, and nobody
 * says how soon that one has its turn on a busy machine. So the container ends when it has read all.
 */
void init_wait_for_rest(void) {
        char nothing;

        if (shutdown(INIT_REST_FD, SHUT_WR) >= 0)
                while (read(INIT_REST_FD, &nothing, 1) > 0)
                        ;
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
