/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/proxy/again.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/report.h"

enum { FIRST_MS = 50, LAST_MS = 10 * 1000 };

/* The service manager has written down whose the sockets are. */
static int take_sockets(void) {
        char process[16];

        (void) snprintf(process, sizeof(process), "%d", (int) getpid());
        return setenv("LISTEN_PID", process, 1) < 0 ? -errno : 0;
}

int again_watch(const char *what, int *ret_status) {
        useconds_t ms = FIRST_MS;
        time_t began;
        int status;
        pid_t pid;

        for (;;) {
                began = time(NULL);
                pid = fork();
                if (pid < 0)
                        return -errno;
                if (pid == 0)
                        return take_sockets();
                while (waitpid(pid, &status, 0) < 0)
                        if (errno != EINTR)
                                return -errno;
                if (WIFEXITED(status)) {
                        *ret_status = WEXITSTATUS(status);
                        return 1;
                }
                report_note(REPORT_WARNING, "%s was killed by signal %s; it is started again", what,
                                sigabbrev_np(WTERMSIG(status)) ?: "?");
                /* Of one that cannot live there is not one after the other all the time. */
                if (time(NULL) > began + LAST_MS / 1000)
                        ms = FIRST_MS;
                (void) usleep(ms * 1000);
                ms = ms < LAST_MS / 2 ? ms * 2 : LAST_MS;
        }
}
