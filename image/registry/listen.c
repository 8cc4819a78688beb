/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/listen.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "image/hash.h"
#include "image/registry/http.h"
#include "image/registry/sandbox.h"
#include "image/registry/serve.h"
#include "lib/cleanup.h"
#include "lib/report.h"

/* Who comes when there are so many waits until one of them has ended. */
#define CHILDREN_MAX 64
#define CRASHES_MAX 8

typedef struct Listener {
        int fd, dir_fd, signal_fd;
        sigset_t before; /* the mask of the children */
        unsigned children, crashes;
} Listener;

static int watch_children(Listener *listener) {
        sigset_t set;

        (void) sigemptyset(&set);
        (void) sigaddset(&set, SIGCHLD);
        if (sigprocmask(SIG_BLOCK, &set, &listener->before) < 0)
                return -errno;
        listener->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
        return listener->signal_fd < 0 ? -errno : 0;
}

/* SIGKILL is somebody's will, or the kernel's when memory is short. */
static bool is_crash(int number) {
        static const int numbers[] = { SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP };

        for (size_t i = 0; i < ELEMENTS(numbers); i++)
                if (number == numbers[i])
                        return true;
        return false;
}

static void reap(Listener *listener) {
        struct signalfd_siginfo info;
        int status;

        /* Of several that have ended there may be one signal only. */
        (void) read(listener->signal_fd, &info, sizeof(info));
        while (waitpid(-1, &status, WNOHANG) > 0) {
                listener->children--;
                if (!WIFSIGNALED(status))
                        continue;
                listener->crashes += is_crash(WTERMSIG(status));
                report_note(REPORT_ERROR, "a connection has ended by signal %d (%s)", WTERMSIG(status),
                                strsignal(WTERMSIG(status)));
        }
}

static _Noreturn void serve_child(Listener *listener, int connection) {
        Fault fault = {};
        int r;

        (void) close(listener->fd);
        (void) close(listener->signal_fd);
        (void) sigprocmask(SIG_SETMASK, &listener->before, NULL);
        /* Siblings have the same user: neither by a domain of its own nor by /proc can they look into it. */
        r = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ? -errno : sandbox_enter(listener->dir_fd);
        if (r >= 0)
                r = serve(connection, listener->dir_fd, &fault);
        if (r < 0) {
                if (!fault_is_raised(&fault))
                        (void) fault_wrap(&fault, r, "cannot serve a connection");
                report_fault(REPORT_ERROR, &fault);
        }
        _exit(r < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
}

/* What goes wrong is seen by who has connected: nobody answers. */
static void take_connection(Listener *listener) {
        static const struct timespec pause = { .tv_nsec = 100 * 1000 * 1000 };
        autofd int connection = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC);
        pid_t pid;

        if (connection < 0) {
                if (errno == EINTR || errno == EAGAIN || errno == ECONNABORTED)
                        return;
                report_note(REPORT_ERROR, "cannot take a connection: %s", strerror(errno));
                (void) nanosleep(&pause, NULL);
                return;
        }
        /* Who has connected is told that nobody answers, and may come again when all are gone. */
        if (listener->crashes >= CRASHES_MAX)
                return;
        pid = fork();
        if (pid == 0)
                serve_child(listener, connection);
        if (pid < 0)
                report_note(REPORT_ERROR, "cannot make a process for a connection: %s", strerror(errno));
        else
                listener->children++;
}

static int wait_and_serve(Listener *listener) {
        int patience = (int) http_setting("SLIPWAY_FETCH_IDLE_SECONDS", 10) * 1000;
        struct pollfd wait[] = { { .fd = listener->signal_fd, .events = POLLIN },
                { .fd = listener->fd, .events = POLLIN } };

        while (listener->children > 0 || listener->crashes < CRASHES_MAX) {
                bool takes = listener->children < CHILDREN_MAX;
                int r = poll(wait, takes ? 2 : 1, listener->children > 0 ? -1 : patience);

                if (r == 0)
                        return 0;
                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r > 0 && wait[0].revents)
                        reap(listener);
                else if (r > 0)
                        take_connection(listener);
        }
        return 0;
}

/* What each of them would need first: libcurl's handle, and OpenSSL's algorithms. */
static int warm_up(Fault *fault) {
        Digest digest;
        Http *http;
        int r = http_set_up(fault);

        if (r < 0)
                return r;
        http = http_acquire();
        if (!http)
                return -ENOMEM;
        http_release(http);
        SSL_CTX_free(SSL_CTX_new(TLS_client_method()));
        return hash_bytes("", 0, &digest);
}

int listen_serve(int fd, int dir_fd, Fault *fault) {
        Listener listener = { .fd = fd, .dir_fd = dir_fd, .signal_fd = -1 };
        int r;

        r = warm_up(fault);
        if (r >= 0)
                r = watch_children(&listener);
        if (r >= 0)
                r = wait_and_serve(&listener);
        fd_closep(&listener.signal_fd);
        return r;
}
