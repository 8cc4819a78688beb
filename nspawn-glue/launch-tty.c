/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "lib/io.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/tty/protocol.h"

#define SERVER SLIPWAY_LIBEXEC_DIR "/slipway-tty"

static void socket_path(const char *name, char *ret, size_t size) {
        (void) snprintf(ret, size, TTY_DIR "/%s", name);
}

void launch_close_tty(const char *name) {
        char path[108];

        socket_path(name, path, sizeof(path));
        (void) unlink(path);
}

/* Where those who attach come to. What an earlier life has left there is in the way. */
static int open_listener(const char *name) {
        struct sockaddr_un address = { .sun_family = AF_UNIX };
        autofd int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        mode_t before;
        int r = io_mkdir_p(TTY_DIR, 0700);

        if (r < 0 || fd < 0)
                return r < 0 ? r : -errno;
        socket_path(name, address.sun_path, sizeof(address.sun_path));
        (void) unlink(address.sun_path);
        before = umask(0077);
        r = bind(fd, (const struct sockaddr *) &address, sizeof(address)) < 0 || listen(fd, 16) < 0 ? -errno
                                                                                                    : 0;
        (void) umask(before);
        return r < 0 ? r : TAKE_FD(fd);
}

static int open_pair(Launch *launch) {
        int pair[2], r;

        if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
                return -errno;
        launch->tty.server[0] = pair[0];
        r = launch_pass(launch, pair[1]);
        if (r >= 0)
                plan_putf(&launch->plan, "terminal", "%d", r);
        return r < 0 ? r : 0;
}

static int open_pipes(Launch *launch) {
        for (int i = 0; i < 3; i++) {
                int ends[2];

                if (pipe2(ends, O_CLOEXEC) < 0)
                        return -errno;
                launch->tty.server[i] = ends[i == STDIN_FILENO];
                launch->tty.app[i] = ends[i != STDIN_FILENO];
        }
        return 0;
}

/* The other end is init's. systemd-nspawn keeps a copy of that, so its end alone would say nothing. */
static int open_rest(Launch *launch) {
        const struct timeval patience = { .tv_sec = TTY_REST_MAX_SEC };
        int pair[2], r;

        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
                return -errno;
        launch->tty.rest_fd = pair[0];
        r = setsockopt(pair[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ? -errno : 0;
        if (r < 0) {
                (void) close(pair[1]);
                return r;
        }
        r = launch_pass(launch, pair[1]);
        if (r >= 0)
                plan_putf(&launch->plan, "rest", "%d", r);
        return r < 0 ? r : 0;
}

int launch_open_tty(Launch *launch, Fault *fault) {
        int r;

        if (access(SERVER, X_OK) < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot execute '" SERVER "': %s",
                                strerror(errno));
        r = open_listener(launch->options->name);
        if (r < 0)
                return fault_wrap(fault, r, "cannot listen in '" TTY_DIR "'");
        launch->tty.listen_fd = r;
        r = launch->options->init ? open_rest(launch) : 0;
        if (r < 0)
                return r;
        return launch->options->console == CONSOLE_TERMINAL ? open_pair(launch) : open_pipes(launch);
}

static void become_server(const Launch *launch, int nspawn) {
        const char *mode = launch->options->console == CONSOLE_TERMINAL ? "--terminal" : "--interactive";
        int wanted[] = { nspawn, launch->tty.listen_fd, launch->tty.server[0], launch->tty.server[1],
                launch->tty.server[2], launch->tty.rest_fd };
        enum { ABOVE = TTY_NSPAWN_FD + (int) ELEMENTS(wanted) };

        /* Out of the way first, each may be where another is to be. */
        for (size_t i = 0; i < ELEMENTS(wanted); i++)
                if (wanted[i] >= 0 && (wanted[i] = fcntl(wanted[i], F_DUPFD_CLOEXEC, ABOVE)) < 0)
                        _exit(EXIT_FAILURE);
        for (size_t i = 0; i < ELEMENTS(wanted); i++)
                if (wanted[i] >= 0 && dup2(wanted[i], TTY_NSPAWN_FD + (int) i) < 0)
                        _exit(EXIT_FAILURE);
        (void) close_range(ABOVE, ~0U, 0);
        (void) execl(SERVER, SERVER, mode, (char *) NULL);
        _exit(EXIT_FAILURE);
}

/* From now on our own standard streams are the app's. */
int launch_take_pipes(Launch *launch) {
        for (int i = 0; i < 3; i++) {
                if (launch->tty.app[i] >= 0 && dup2(launch->tty.app[i], i) < 0)
                        return -errno;
                fd_closep(&launch->tty.app[i]);
                fd_closep(&launch->tty.server[i]);
                launch->tty.app[i] = launch->tty.server[i] = -1;
        }
        fd_closep(&launch->tty.listen_fd);
        fd_closep(&launch->tty.rest_fd);
        launch->tty.listen_fd = launch->tty.rest_fd = -1;
        return 0;
}

/* The service manager's child, as the watcher. Who connects before it is there waits in the socket. */
int launch_start_tty(Launch *launch, Fault *fault) {
        autofd int own = -1;
        pid_t pid;

        if (launch->tty.listen_fd < 0)
                return 0;
        own = launch_open_nspawn(launch);
        if (own < 0)
                return own;
        pid = fork();
        if (pid == 0) {
                pid = fork();
                if (pid == 0)
                        become_server(launch, own);
                _exit(pid < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }
        if (pid < 0)
                return -errno;
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        return launch_take_pipes(launch);
}
