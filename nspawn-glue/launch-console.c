/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/vfs.h>

#include "lib/io.h"
#include "lib/own-unit.h"
#include "lib/paths.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/tree.h"

#define STDIO_DIR SLIPWAY_RUNTIME_DIR "/stdio"

/* $JOURNAL_STREAM is "device:inode" of the socket that the service manager put on standard error. */
static bool stderr_is_journal(void) {
        const char *stream = getenv("JOURNAL_STREAM");
        unsigned long long device, inode;
        struct stat st;

        return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
               fstat(STDERR_FILENO, &st) >= 0 && st.st_dev == device && st.st_ino == inode;
}

/* A stream of the journal with a priority of its own, see sd_journal_stream_fd(3). */
static int open_stream(const char *identifier, int priority, int *ret) {
        static const struct sockaddr_un journal = {
                .sun_family = AF_UNIX,
                .sun_path = "/run/systemd/journal/stdout",
        };
        autofd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        OwnUnit unit = {};
        autofree char *header = NULL;
        int n, r;

        if (fd < 0 || connect(fd, (const struct sockaddr *) &journal, sizeof(journal)) < 0)
                return -errno;
        if (shutdown(fd, SHUT_RD) < 0)
                return -errno;

        /*
         * Identifier, unit, priority, prefixes, and no forwarding of three kinds. The control group tells
         * the unit as well, but not when we have ended before the journal comes to look.
         */
        (void) own_unit(&unit);
        n = asprintf(&header, "%s\n%s\n%d\n1\n0\n0\n0\n", identifier, unit.name, priority);
        if (n < 0) {
                header = NULL;
                return -ENOMEM;
        }
        r = io_write_all(fd, header, (size_t) n);
        if (r < 0)
                return r;
        *ret = TAKE_FD(fd);
        return 0;
}

static int replace(int fd, int standard) {
        int r = dup2(fd, standard) < 0 ? -errno : 0;

        (void) close(fd);
        return r;
}

/* What a person would do with "2> file" in the unit is left alone. */
static int use_journal(const Launch *launch) {
        const Options *options = launch->options;
        int fd = -1, r;

        if (!stderr_is_journal())
                return 0;
        r = open_stream(options->log_tag ?: options->name, 3, &fd);
        /* Without the journal there is nobody to tell the priority to. */
        return r < 0 ? 0 : replace(fd, STDERR_FILENO);
}

static int use_null(void) {
        int fd = open("/dev/null", O_WRONLY | O_CLOEXEC | O_NOCTTY);

        if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
                return -errno;
        return replace(fd, STDERR_FILENO);
}

static void fifo_path(const Launch *launch, const char *suffix, char *ret, size_t size) {
        (void) snprintf(ret, size, STDIO_DIR "/%s.%s", launch->options->name, suffix);
}

static int use_fifo(const Launch *launch, const char *suffix, int standard, Fault *fault) {
        char path[sizeof(STDIO_DIR) + CONTAINER_NAME_MAX + 8];
        int fd;

        fifo_path(launch, suffix, path, sizeof(path));
        fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
        if (fd < 0)
                return fault_raise(fault, FAULT_MISSING, errno,
                                "cannot open '%s': %s; slipway-stdio@%s.socket has to run", path,
                                strerror(errno), launch->options->name);
        if (fcntl(fd, F_SETFL, O_WRONLY) < 0)
                return -errno;
        return replace(fd, standard);
}

/* What the app finds as /dev/stdout and /dev/stderr. Without the FIFOs it has links, as anywhere else. */
static int pass_fifo(Launch *launch, const char *suffix, const char *device) {
        char path[sizeof(STDIO_DIR) + CONTAINER_NAME_MAX + 8];
        struct stat st;
        int fd, r;

        fifo_path(launch, suffix, path, sizeof(path));
        if (lstat(path, &st) < 0 || !S_ISFIFO(st.st_mode))
                return 0;
        r = tree_clone(AT_FDCWD, path, false, &fd);
        if (r >= 0)
                r = tree_propagate(fd, MS_PRIVATE, false);
        if (r >= 0)
                r = launch_pass(launch, fd);
        if (r >= 0)
                plan_putf(&launch->plan, "attach-file", "%d:%s", r, device);
        return r;
}

/* A pipe of somebody else's cannot be opened through /dev/stdout. Init goes on from the container's root. */
static int own_pipes(const Launch *launch) {
        for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
                struct statfs fs;

                if (fstatfs(fd, &fs) < 0)
                        return -errno;
                if (fs.f_type == PIPEFS_MAGIC && fchown(fd, launch->userns.base, launch->userns.base) < 0)
                        return -errno;
        }
        return 0;
}

/* Our own becomes that of systemd-nspawn, whose words are not the app's. */
static int pass_errors(Launch *launch) {
        int of_app = launch->tty.app[STDERR_FILENO] >= 0 ? launch->tty.app[STDERR_FILENO] : STDERR_FILENO;
        int fd = fcntl(of_app, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), r;

        if (fd < 0)
                return -errno;
        r = launch_pass(launch, fd);
        if (r >= 0)
                plan_putf(&launch->plan, "errors", "%d", r);
        return r < 0 ? r : 0;
}

static int open_console(Launch *launch, Fault *fault) {
        int r = 0;

        switch (launch->options->console) {

        case CONSOLE_NULL:
                return use_null();

        case CONSOLE_PIPE:
                r = use_fifo(launch, "out", STDOUT_FILENO, fault);
                return r < 0 ? r : use_fifo(launch, "err", STDERR_FILENO, fault);

        case CONSOLE_TERMINAL:
        case CONSOLE_INTERACTIVE:
                r = use_journal(launch);
                return r < 0 ? r : launch_open_tty(launch, fault);

        case CONSOLE_DIRECT:
                return own_pipes(launch);

        case CONSOLE_JOURNAL:
        default:
                r = pass_fifo(launch, "out", "/dev/stdout");
                if (r >= 0)
                        r = pass_fifo(launch, "err", "/dev/stderr");
                return r < 0 ? r : use_journal(launch);
        }
}

int launch_open_console(Launch *launch, Fault *fault) {
        int r = open_console(launch, fault);

        return r < 0 ? r : pass_errors(launch);
}
