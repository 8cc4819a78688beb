/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * slipway-tty: holds the far side of an app's terminal, or of its standard streams
 *
 * Left behind by the launcher in the unit's control group for containers that
 * are to have one. It ends with systemd-nspawn. It is nobody, and
 * understands nothing of what passes.
 */

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/report.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/tty/server.h"

#define NOBODY 65534

/* Root without capabilities would still be whose files programs of the host are. */
static int give_up_privileges(void) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct none[2] = {};

        if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
                        setresuid(NOBODY, NOBODY, NOBODY) < 0 ||
                        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
                        syscall(SYS_capset, &header, none) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
                return -errno;
        return 0;
}

/*
 * The master comes from init, which has made it in the container. The other end is kept open, so that an app
 * that closes its terminal for a while does not end it.
 */
static int receive_terminal(TtyServer *server) {
        int master, r;

        r = control_receive_descriptor(TTY_FIRST_FD, &master);
        (void) close(TTY_FIRST_FD);
        if (r < 0)
                return r;
        if (ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC) < 0 ||
                        fcntl(master, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        server->input_fd = server->sources[0].fd = master;
        return 0;
}

/* The number behind @key in a small file of /proc. Return: 0 where there is none. */
static int number_in(const char *path, const char *key) {
        autofree char *text = NULL;
        const char *found;

        if (io_read_file(AT_FDCWD, path, 16 * 1024, &text, NULL) < 0)
                return 0;
        found = strstr(text, key);
        return found ? atoi(found + strlen(key)) : 0;
}

/* Process 1 of a namespace has that number as well as its own: "NSpid: 124 1". */
static int number_inside(int pid) {
        char path[32], key[32];

        (void) snprintf(path, sizeof(path), "/proc/%d/status", pid);
        (void) snprintf(key, sizeof(key), "\nNSpid:\t%d\t", pid);
        return number_in(path, key);
}

/* A process that is about to beget the container's first still has its father's name. */
static bool is_called_as(int pid, int other) {
        autofree char *name = NULL, *other_name = NULL;
        char path[32];

        (void) snprintf(path, sizeof(path), "/proc/%d/comm", pid);
        if (io_read_file(AT_FDCWD, path, 64, &name, NULL) < 0)
                return true;
        (void) snprintf(path, sizeof(path), "/proc/%d/comm", other);
        return io_read_file(AT_FDCWD, path, 64, &other_name, NULL) < 0 || strcmp(name, other_name) == 0;
}

/* In a pod that shares its processes, neither is process 1, and systemd-nspawn has a number in there, too.
 */
static bool is_first(int pid, int nspawn) {
        return number_inside(pid) == 1 || (number_inside(nspawn) > 0 && !is_called_as(pid, nspawn));
}

/*
 * When systemd-nspawn has ended, the service manager kills all that is left in its unit, and the last words
 * with it. Its child has ended before that; where it is not init, to be fast is all that one can do.
 */
static int find_app(void) {
        int nspawn = number_in("/proc/self/fdinfo/3", "\nPid:"), pid;
        char path[64];

        _Static_assert(TTY_NSPAWN_FD == 3, "fdinfo is about it");
        (void) snprintf(path, sizeof(path), "/proc/%d/task/%d/children", nspawn, nspawn);
        pid = number_in(path, "");
        return pid > 0 && is_first(pid, nspawn) ? pidfd_open(pid, 0) : -1;
}

static int prepare(TtyServer *server) {
        (void) signal(SIGPIPE, SIG_IGN);
        (void) signal(SIGHUP, SIG_IGN);
        if (server->is_terminal)
                return receive_terminal(server);
        server->input_fd = TTY_FIRST_FD;
        server->sources[0].fd = TTY_OUTPUT_FD;
        server->sources[1].fd = TTY_ERROR_FD;
        return fcntl(TTY_FIRST_FD, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

int main(int argc, char **argv) {
        TtyServer server = {
                .end_fd = TTY_NSPAWN_FD,
                .find_app = find_app,
                .app_fd = -1,
                .rest_fd = fcntl(TTY_REST_FD, F_GETFD) < 0 ? -1 : TTY_REST_FD,
                .listen_fd = TTY_LISTEN_FD,
                .input_fd = -1,
                .for_root_only = true,
                .sources = {
                        { .fd = -1, .log_fd = STDOUT_FILENO, .kind = TTY_OUTPUT },
                        { .fd = -1, .log_fd = STDERR_FILENO, .kind = TTY_ERROR },
                },
        };
        int r;

        report_init("slipway-tty", report_choose_sink());
        if (argc != 2 || (strcmp(argv[1], "--terminal") != 0 && strcmp(argv[1], "--interactive") != 0)) {
                report_note(REPORT_ERROR, "slipway-tty is started by slipway-nspawn");
                return EXIT_FAILURE;
        }
        server.is_terminal = strcmp(argv[1], "--terminal") == 0;
        (void) setpriority(PRIO_PROCESS, 0, -20);
        r = give_up_privileges();
        if (r >= 0)
                r = prepare(&server);
        /* A start that has failed before there was a terminal says so itself. */
        if (r == -EPIPE)
                return EXIT_SUCCESS;
        if (r >= 0)
                r = tty_serve(&server);
        if (r < 0)
                report_note(REPORT_ERROR, "cannot serve the app's terminal: %s", strerror(-r));
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
