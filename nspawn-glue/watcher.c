/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/watcher.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/hint.h"
#include "nspawn-glue/nspawn-words.h"
#include "nspawn-glue/record.h"

#define CONTROL_SOCKET_FD (WATCHER_NSPAWN_FD + 1)
#define GUARD_FD (WATCHER_NSPAWN_FD + 2) /* between the watcher and its guard */

/*
 * How long a service manager may be busy before the watcher goes without having been heard, and the start
 * fails for that. It starts all that is to be started before it listens again: with hundreds of containers
 * that takes tens of seconds on a busy machine.
 */
#define BARRIER_MS 300000

/* Why, nobody knows but systemd-nspawn. */
static void add_words(const char *name, Fault *fault) {
        size_t n = strlen(fault->text);
        Words words;

        words_read(name, &words, NULL);
        if (*words.last)
                (void) snprintf(fault->text + n, sizeof(fault->text) - n, ": %s", words.last);
}

/* What the watcher says is what "systemctl status" shows. The cleaner knows more of other ends than of this.
 */
static void say_fault(const char *name, Fault *fault) {
        char line[1024];

        if (fault->message == MESSAGE_NSPAWN_FAILED)
                add_words(name, fault);
        hint_add(fault);
        report_fault(REPORT_ERROR, fault);
        (void) report_format(line, sizeof(line), fault);
        (void) notify_status("%s", line);
        record_note(name, "TOLD=yes");
}

/* A program that is not there is told of; the container runs all the same. */
static void become(char *const *command) {
        Fault fault = {};

        (void) setpriority(PRIO_PROCESS, 0, 0);
        (void) close_range(CONTROL_SOCKET_FD, ~0U, 0);
        (void) execv(command[0], command);
        (void) fault_raise(
                        &fault, FAULT_SYSTEM, errno, "cannot execute '%s': %s", command[0], strerror(errno));
        report_fault(REPORT_ERROR, &fault);
}

/*
 * An app that ends at once, and systemd-nspawn after it, must not be faster than the word that it has begun:
 * a service that has ended was never ready. So systemd-nspawn stands still until that is delivered, while
 * slipway-init prepares and executes the app. Who says READY=1 by itself is heard in the order of its
 * doings.
 */
static int watch_start(const Watch *watch) {
        Fault fault = {};
        int r;

        (void) FAULT_POINT("watcher:wait");
        r = control_wait(CONTROL_SOCKET_FD, watch->says_ready ? WATCHER_NSPAWN_FD : -1, &fault);

        if (r == -ECANCELED)
                return r;
        (void) FAULT_POINT("watcher:tell");
        if (r >= 0 && !watch->says_ready)
                return 0;
        if (r >= 0)
                (void) notify_send("READY=1\nSTATUS=");
        else
                say_fault(watch->name, &fault);
        (void) notify_barrier(BARRIER_MS);
        (void) FAULT_POINT("watcher:let systemd-nspawn go on");
        (void) pidfd_send_signal(WATCHER_NSPAWN_FD, SIGCONT, NULL, 0);
        return r;
}

/* Puts @first and @second where they belong, and closes all others. */
static void keep_only(int nspawn, int first, int second) {
        /* Out of the way first, each may be where another is to be. */
        first = fcntl(first, F_DUPFD_CLOEXEC, GUARD_FD + 1);
        second = fcntl(second, F_DUPFD_CLOEXEC, GUARD_FD + 1);
        if (first < 0 || second < 0 || dup2(nspawn, WATCHER_NSPAWN_FD) < 0 ||
                        dup2(first, CONTROL_SOCKET_FD) < 0 || dup2(second, GUARD_FD) < 0)
                _exit(EXIT_FAILURE);
        (void) close_range(GUARD_FD + 1, ~0U, 0);
}

static void become_watcher(const Watch *watch, int nspawn, int guard) {
        int r;

        keep_only(nspawn, watch->fd, guard);
        (void) setpriority(PRIO_PROCESS, 0, -20);
        (void) FAULT_POINT("watcher:begin");
        r = watch_start(watch);
        (void) send(GUARD_FD, "!", 1, MSG_NOSIGNAL);
        if (r >= 0 && watch->after)
                become(watch->after);
        _exit(EXIT_SUCCESS);
}

/* The other end of @fd goes with the watcher; if nothing came through it before, it was not done. */
static void become_guard(const Watch *watch, int nspawn, int fd) {
        struct pollfd ended = { .fd = WATCHER_NSPAWN_FD, .events = POLLIN };
        Fault fault = {};
        char done;
        ssize_t n;

        keep_only(nspawn, fd, fd);
        do
                n = read(GUARD_FD, &done, 1);
        while (n < 0 && errno == EINTR);
        if (n > 0 || poll(&ended, 1, 0) > 0)
                _exit(EXIT_SUCCESS);

        (void) fault_raise(&fault, FAULT_SYSTEM, EPIPE,
                        "the watcher of the start was killed, so nobody could say whether it succeeds; the "
                        "container is ended");
        say_fault(watch->name, &fault);
        (void) notify_barrier(BARRIER_MS);
        (void) pidfd_send_signal(WATCHER_NSPAWN_FD, SIGKILL, NULL, 0);
        _exit(EXIT_SUCCESS);
}

/* In a process that is about to end, so that what it leaves is the service manager's. */
/* Writes to @failed when it is too late to return that. */
static int leave_watcher(const Watch *watch, int nspawn, int failed) {
        bool needs_guard = watch->says_ready || watch->after;
        int ends[2];
        pid_t pid;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
                return EXIT_FAILURE;
        pid = fork();
        if (pid != 0)
                return pid < 0 ? EXIT_FAILURE : EXIT_SUCCESS;

        pid = needs_guard ? fork() : 0;
        if (pid == 0)
                become_watcher(watch, nspawn, ends[1]);
        if (pid < 0)
                (void) io_write_all(failed, "!", 1);
        (void) close(ends[1]);
        if (pid > 0)
                become_guard(watch, nspawn, ends[0]);
        return EXIT_FAILURE;
}

int watcher_start(const Watch *watch) {
        autofd int ready = -1;
        int ends[2], status = 0;
        char nothing;
        ssize_t n;
        pid_t pid;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        ready = ends[0];
        pid = fork();
        if (pid == 0)
                _exit(leave_watcher(watch, watch->nspawn_fd, ends[1]));
        (void) close(ends[1]);
        if (pid < 0)
                return -errno;
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
                ;
        /* It could not fork either, which is what has failed in all likelihood. */
        if (status != 0)
                return -EAGAIN;

        /* On a busy machine it could sleep through a whole container. The pipe ends when it has closed it.
         */
        while ((n = read(ready, &nothing, 1)) < 0 && errno == EINTR)
                ;
        return n == 0 ? 0 : -EAGAIN;
}
