/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/proxy-start.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/listening.h"
#include "lib/report.h"
#include "lib/strv.h"

#define PROXY SLIPWAY_LIBEXEC_DIR "/slipway-proxy"
#define NOBODY 65534

static int add_port(char ***argv, const MemberPort *port) {
        char text[ADDRESS_TEXT_MAX];
        bool is_set = address_is_set(&port->address), is_six = port->address.family == AF_INET6;
        unsigned last = port->count - 1u;

        (void) address_format(&port->address, text);
        return strv_appendf(argv, "--publish=%s%s%s%s%u-%u:%u-%u/%s", is_set && is_six ? "[" : "", text,
                        is_set && is_six ? "]" : "", is_set ? ":" : "", port->host, port->host + last,
                        port->container, port->container + last, port->protocol);
}

static int make_argv(const Member *member, char ***ret) {
        autostrv char **argv = NULL;
        int r = strv_append(&argv, PROXY);

        if (r >= 0)
                r = strv_append(&argv, "--again");
        for (size_t i = 0; i < member->n_ports && r >= 0; i++)
                r = add_port(&argv, &member->ports[i]);
        if (r >= 0)
                r = strv_append(&argv, member->owner);
        if (r >= 0)
                *ret = TAKE(argv);
        return r;
}

static int is_stream(int fd) {
        int type = 0;
        socklen_t size = sizeof(type);

        return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) >= 0 && type == SOCK_STREAM;
}

/* It passes bytes on, and is nobody. */
static int give_up_rights(void) {
        if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
                        setresuid(NOBODY, NOBODY, NOBODY) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
                return -errno;
        return 0;
}

/* Nobody else gets a port that is listened on; and connections that are over keep it from no one later. */
static int listen_to(int fd) {
        int on = 1;

        return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) < 0 || listen(fd, SOMAXCONN) < 0
                               ? -errno
                               : 0;
}

static int listen_on(int first, size_t n) {
        char number[16], process[16];

        for (size_t i = 0; i < n; i++) {
                int fd = first + (int) i;

                if (fcntl(fd, F_SETFD, 0) < 0)
                        return -errno;
                if (is_stream(fd) && listen_to(fd) < 0)
                        return -errno;
        }
        (void) snprintf(number, sizeof(number), "%zu", n);
        (void) snprintf(process, sizeof(process), "%d", (int) getpid());
        if (setenv("LISTEN_FDS", number, 1) < 0 || setenv("LISTEN_PID", process, 1) < 0)
                return -errno;
        (void) unsetenv("LISTEN_FDNAMES");
        return 0;
}

int proxy_become(const Member *member, int first, size_t n, Fault *fault) {
        autostrv char **argv = NULL;
        int r = make_argv(member, &argv);

        if (r >= 0)
                r = listen_on(first, n);
        if (r >= 0)
                r = give_up_rights();
        if (r >= 0) {
                (void) close_range((unsigned) first + (unsigned) n, ~0U, 0);
                (void) execv(PROXY, argv);
                r = -errno;
        }
        return fault_wrap(fault, r, "cannot execute '" PROXY "'");
}

static void become_left(const Member *member, const int *fds, size_t n) {
        Fault fault = {};
        int r = listening_place(fds, n);

        if (r >= 0)
                r = proxy_become(member, LISTENING_FIRST, n, &fault);
        (void) fault_wrap(&fault, r, "cannot pass on connections to '%s'", member->owner);
        report_fault(REPORT_ERROR, &fault);
        _exit(EXIT_FAILURE);
}

int proxy_leave(const Member *member, const int *fds, size_t n, Fault *fault) {
        pid_t pid = fork();

        if (pid == 0) {
                pid = fork();
                if (pid == 0)
                        become_left(member, fds, n);
                _exit(pid < 0 ? EXIT_FAILURE : EXIT_SUCCESS);
        }
        if (pid < 0)
                return fault_wrap(fault, -errno, "cannot leave a process for the ports of '%s'",
                                member->owner);
        while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
                ;
        return 0;
}
