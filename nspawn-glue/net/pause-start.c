/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/pause-start.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/notify.h"
#include "lib/paths.h"

#define PAUSE SLIPWAY_LIBEXEC_DIR "/slipway-pause"

/* Its standard error is the other end of a pipe: what is wrong comes through it, or nothing and its end. */
static _Noreturn void become_pause(int net_fd, int words) {
        char *const argv[] = { (char *) PAUSE, NULL }, *const none[] = { NULL };
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
                        dup2(words, STDERR_FILENO) < 0)
                _exit(EXIT_FAILURE);
        if (net_fd >= 0 && setns(net_fd, CLONE_NEWNET) < 0)
                (void) fprintf(stderr, "cannot enter the pod's network: %s\n", strerror(errno));
        else {
                (void) close_range(STDERR_FILENO + 1, ~0U, 0);
                (void) execve(PAUSE, argv, none);
                (void) fprintf(stderr, "cannot execute '" PAUSE "': %s\n", strerror(errno));
        }
        (void) fflush(stderr);
        _exit(EXIT_FAILURE);
}

/* Only children are in the new namespace; its process 1 is the first of them. */
static int make_first(int net_fd, int words, pid_t *ret_pid, int *ret_fd) {
        autofd int own = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
        int r = 0, fd = -1;
        pid_t pid = 0;

        if (own < 0 || unshare(CLONE_NEWPID) < 0)
                return -errno;
        pid = (pid_t) syscall(SYS_clone, CLONE_PARENT | CLONE_PIDFD, NULL, &fd, NULL, NULL);
        if (pid == 0)
                become_pause(net_fd, words);
        if (pid < 0)
                r = -errno;
        /* What else is started belongs to where we are. */
        if (setns(own, CLONE_NEWPID) < 0 && r >= 0)
                r = -errno;
        if (pid < 0)
                return r;
        if (r < 0) {
                (void) pidfd_send_signal(fd, SIGKILL, NULL, 0);
                (void) close(fd);
                return r;
        }
        *ret_pid = pid;
        *ret_fd = fd;
        return 0;
}

/* Until it has closed its end. */
static void read_words(int fd, char *ret, size_t size) {
        size_t n = 0;

        while (n < size - 1) {
                ssize_t k = read(fd, ret + n, size - 1 - n);

                if (k == 0 || (k < 0 && errno != EINTR))
                        break;
                n += k > 0 ? (size_t) k : 0;
        }
        ret[n] = '\0';
        ret[strcspn(ret, "\n")] = '\0';
}

int pause_start(int net_fd, pid_t *ret_pid, int *ret_fd, Fault *fault) {
        autofd int words = -1, fd = -1;
        struct pollfd ended = { .events = POLLIN };
        char text[256];
        int ends[2], r;
        pid_t pid = 0;

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        words = ends[0];
        r = make_first(net_fd, ends[1], &pid, &fd);
        (void) close(ends[1]);
        if (r < 0)
                return fault_wrap(fault, r, "cannot make a namespace (pid)");
        read_words(words, text, sizeof(text));
        ended.fd = fd;
        if (*text || poll(&ended, 1, 0) > 0) {
                (void) pidfd_send_signal(fd, SIGKILL, NULL, 0);
                return fault_raise(fault, FAULT_SYSTEM, ECHILD, "the pod's first process has ended: %s",
                                *text ? text : "it was killed");
        }
        *ret_pid = pid;
        *ret_fd = TAKE_FD(fd);
        return 0;
}

/* Whoever has ended before that was heard has said nothing. */
int pause_hand_over(pid_t pid, Fault *fault) {
        char text[64];
        int r;

        (void) snprintf(text, sizeof(text), "MAINPID=%d\nREADY=1", (int) pid);
        r = FAULT_POINT("pod:hand over");
        if (r >= 0)
                r = notify_send(text);
        if (r > 0)
                r = notify_barrier(NOTIFY_HEARD_MS);
        if (r == 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "--share=pid is for a unit with Type=notify: nobody else sees to the pod's "
                                "first process");
        return r < 0 ? fault_wrap(fault, r, "cannot tell the service manager of the pod's first process")
                     : 0;
}
