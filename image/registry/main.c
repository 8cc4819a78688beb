/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-fetch: speaks to registries
 *
 * Started by slipway-fetch.socket, which it listens at; or with a connection
 * as its standard input. The only program of Slipway with a network, and one
 * that can write nowhere but in its own directory; what it says, nobody
 * believes.
 */

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "image/registry/listen.h"
#include "image/registry/sandbox.h"
#include "image/registry/serve.h"
#include "lib/report.h"

enum { FIRST_FD = 3 };

static int socket_option(int fd, int option) {
        socklen_t size = sizeof(int);
        int value;

        return getsockopt(fd, SOL_SOCKET, option, &value, &size) < 0 ? -1 : value;
}

/* Standard input, or what socket activation has passed on. */
static int find_socket(Fault *fault) {
        const char *pid = getenv("LISTEN_PID"), *n = getenv("LISTEN_FDS");

        if (socket_option(STDIN_FILENO, SO_TYPE) == SOCK_SEQPACKET)
                return STDIN_FILENO;
        if (pid && atoi(pid) == getpid() && n && atoi(n) == 1 &&
                        socket_option(FIRST_FD, SO_TYPE) == SOCK_SEQPACKET)
                return FIRST_FD;
        return fault_raise(fault, FAULT_VALUE, EINVAL,
                        "there is no connection to serve: slipway-fetch is started by slipway-fetch.socket");
}

static int open_directory(Fault *fault) {
        const char *path = getenv("SLIPWAY_FETCH_INCOMING");
        int fd;

        if (!path || !*path)
                path = getenv("STATE_DIRECTORY");
        if (!path || !*path)
                path = ".";
        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open '%.200s': %s", path,
                                strerror(errno));
        return fd;
}

static int run(Fault *fault) {
        autofd int dir_fd = -1;
        int fd = find_socket(fault), r;

        if (fd < 0)
                return fd;
        r = dir_fd = open_directory(fault);
        if (r < 0)
                return r;
        r = sandbox_enter(dir_fd);
        if (r < 0)
                return fault_wrap(fault, r, "cannot give up rights");
        if (r == 0)
                report_note(REPORT_WARNING,
                                "Landlock cannot be used here: only the unit says where to write");

        /* A few threads with large buffers, which need no heap each. */
        (void) mallopt(M_ARENA_MAX, 2);
        return socket_option(fd, SO_ACCEPTCONN) > 0 ? listen_serve(fd, dir_fd, fault)
                                                    : serve(fd, dir_fd, fault);
}

int main(int argc, char **argv) {
        static const char usage[] =
                        "Usage: slipway-fetch\n\nFetches images from registries, for who connects "
                        "to its socket.\nStarted by slipway-fetch.socket, see "
                        "slipway-fetch(8).\n";
        Fault fault = {};
        int r;

        report_init("slipway-fetch", report_choose_sink());
        if (argc == 2 && strcmp(argv[1], "--help") == 0)
                return fputs(usage, stdout) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc == 2 && strcmp(argv[1], "--version") == 0)
                return printf("slipway-fetch %s\n", SLIPWAY_VERSION) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
        if (argc != 1) {
                report_note(REPORT_ERROR, "takes no arguments, see --help");
                return 2;
        }
        r = run(&fault);
        if (r < 0) {
                if (!fault_is_raised(&fault))
                        (void) fault_wrap(&fault, r, "cannot serve");
                report_fault(REPORT_ERROR, &fault);
                return EXIT_FAILURE;
        }
        return EXIT_SUCCESS;
}
