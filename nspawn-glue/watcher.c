/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "nspawn-glue/control.h"

#define CONTROL_SOCKET_FD (WATCHER_NSPAWN_FD + 1)

/* How long a service manager may be busy before the watcher goes without having been heard. */
#define BARRIER_MS 10000

/* What the watcher says is what "systemctl status" shows. */
static void say_fault(const Fault *fault) {
        char line[1024];

        report_fault(REPORT_ERROR, fault);
        (void) report_format(line, sizeof(line), fault);
        (void) notify_status("%s", line);
}

/* A program that is not there is told of; the container runs all the same. */
static void become(char *const *command) {
        Fault fault = {};

        (void) close(CONTROL_SOCKET_FD);
        (void) execv(command[0], command);
        (void) fault_raise(
                        &fault, FAULT_SYSTEM, errno, "cannot execute '%s': %s", command[0], strerror(errno));
        report_fault(REPORT_ERROR, &fault);
}

/*
 * An app that ends at once, and systemd-nspawn after it, must not be faster than the word that it has begun:
 * a service that has ended was never ready. So systemd-nspawn stands still until that is delivered, while
 * slipway-init prepares and executes the app.
 */
static int watch_start(void) {
        Fault fault = {};
        int r;

        (void) FAULT_POINT("watcher:wait");
        r = control_wait(CONTROL_SOCKET_FD, WATCHER_NSPAWN_FD, &fault);

        (void) FAULT_POINT("watcher:tell");
        if (r >= 0)
                (void) notify_send("READY=1\nSTATUS=");
        else
                say_fault(&fault);
        (void) notify_barrier(BARRIER_MS);
        (void) FAULT_POINT("watcher:let systemd-nspawn go on");
        (void) pidfd_send_signal(WATCHER_NSPAWN_FD, SIGCONT, NULL, 0);
        return r;
}

static void become_watcher(const Watch *watch, int nspawn) {
        int fd;

        /* Out of the way first, each may be where the other is to be. */
        fd = fcntl(watch->fd, F_DUPFD_CLOEXEC, CONTROL_SOCKET_FD + 1);
        if (fd < 0 || dup2(nspawn, WATCHER_NSPAWN_FD) < 0 || dup2(fd, CONTROL_SOCKET_FD) < 0)
                _exit(EXIT_FAILURE);
        (void) setpriority(PRIO_PROCESS, 0, -20);
        (void) close_range(CONTROL_SOCKET_FD + 1, ~0U, 0);
        (void) FAULT_POINT("watcher:begin");
        if (watch_start() >= 0 && watch->after) {
                (void) setpriority(PRIO_PROCESS, 0, 0);
                become(watch->after);
        }
        _exit(EXIT_SUCCESS);
}

int watcher_start(const Watch *watch) {
        autofd int own = pidfd_open(getpid(), 0), ready = -1;
        int ends[2];
        char nothing;
        pid_t pid;

        if (own < 0 || pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        ready = ends[0];
        pid = fork();
        if (pid == 0) {
                pid = fork();
                if (pid == 0)
                        become_watcher(watch, own);
                _exit(pid < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }
        (void) close(ends[1]);
        if (pid < 0)
                return -errno;
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;

        /* On a busy machine it could sleep through a whole container. The pipe ends when it has closed it.
         */
        while (read(ready, &nothing, 1) < 0 && errno == EINTR)
                ;
        return 0;
}
