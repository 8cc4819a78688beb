/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/streams.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "lib/cleanup.h"
#include "lib/io.h"

static bool is_null(const struct stat *st) {
        return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

static bool is_nameless_pipe(int fd) {
        struct statfs fs;

        return fstatfs(fd, &fs) >= 0 && fs.f_type == PIPEFS_MAGIC;
}

/* Who owns a file can open it once more, through /proc, and write to what was to be read. */
static bool can_be_given(int fd, const struct stat *st, bool is_host_root) {
        if (is_null(st) || is_nameless_pipe(fd))
                return true;
        return fd == STDIN_FILENO && !S_ISDIR(st->st_mode) && !isatty(fd) &&
               (!is_host_root || S_ISSOCK(st->st_mode));
}

static int duplicate(int fd) {
        int copy = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

        return copy < 0 ? -errno : copy;
}

static int open_null(int flags) {
        int fd = open("/dev/null", flags | O_CLOEXEC | O_NOCTTY);

        return fd < 0 ? -errno : fd;
}

/* What is copied through a pipe of our own. @fd is the caller's. */
static int open_pump(Streams *streams, int fd) {
        StreamPump *pump = &streams->pumps[fd];
        bool is_input = fd == STDIN_FILENO;
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        streams->theirs.fds[fd] = is_input ? ends[0] : ends[1];
        pump->from = is_input ? fd : ends[0];
        pump->to = is_input ? ends[1] : fd;
        pump->owns_from = !is_input;
        return fcntl(is_input ? ends[1] : ends[0], F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static int open_stream(Streams *streams, int fd, const StreamsWish *wish, Fault *fault) {
        struct stat st;
        int copy;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (fd == STDIN_FILENO && S_ISDIR(st.st_mode))
                return fault_raise(fault, FAULT_VALUE, EISDIR, "standard input is a directory");
        else if (can_be_given(fd, &st, wish->is_host_root))
                copy = duplicate(fd);
        else if (fd == STDIN_FILENO && !wish->interactive && isatty(fd))
                copy = open_null(O_RDONLY);
        else
                return open_pump(streams, fd);
        streams->theirs.fds[fd] = copy;
        return copy < 0 ? copy : 0;
}

/* One file, or one terminal, for both: then the order of what is written is that of writing. */
static bool is_one_output(void) {
        struct stat out, err;

        return fstat(STDOUT_FILENO, &out) >= 0 && fstat(STDERR_FILENO, &err) >= 0 &&
               out.st_dev == err.st_dev && out.st_ino == err.st_ino && out.st_rdev == err.st_rdev;
}

int streams_open(Streams *streams, const StreamsWish *wish, Fault *fault) {
        int r;

        *streams = STREAMS_CLOSED;
        r = open_stream(streams, STDIN_FILENO, wish, fault);
        if (r >= 0)
                r = open_stream(streams, STDOUT_FILENO, wish, fault);
        if (r >= 0 && is_one_output()) {
                streams->theirs.fds[STDERR_FILENO] = duplicate(streams->theirs.fds[STDOUT_FILENO]);
                r = streams->theirs.fds[STDERR_FILENO] < 0 ? -EMFILE : 0;
        } else if (r >= 0)
                r = open_stream(streams, STDERR_FILENO, wish, fault);
        if (r >= 0)
                return 0;
        streams_close(streams);
        return fault_is_raised(fault) ? r : fault_wrap(fault, r, "cannot pass on the standard streams");
}

void streams_close_theirs(Streams *streams) {
        for (size_t i = 0; i < ELEMENTS(streams->theirs.fds); i++) {
                fd_closep(&streams->theirs.fds[i]);
                streams->theirs.fds[i] = -1;
        }
}

/* The ends that are ours; the caller's own streams stay open. */
static void stop(StreamPump *pump) {
        if (pump->owns_from)
                fd_closep(&pump->from);
        else if (pump->to > STDERR_FILENO)
                fd_closep(&pump->to);
        pump->from = pump->to = -1;
        pump->begin = pump->end = 0;
}

size_t streams_poll(const Streams *streams, struct pollfd *fds) {
        size_t n = 0;

        for (size_t i = 0; i < ELEMENTS(streams->pumps); i++) {
                const StreamPump *pump = &streams->pumps[i];

                if (pump->from < 0)
                        continue;
                /* An app that has closed its end is seen as an error of ours, without reading further. */
                if (i == STDIN_FILENO)
                        fds[n++] = (struct pollfd){ .fd = pump->to,
                                .events = pump->begin < pump->end ? POLLOUT : 0 };
                if (pump->begin == pump->end)
                        fds[n++] = (struct pollfd){ .fd = pump->from, .events = POLLIN };
        }
        return n;
}

static bool is_ready(int fd, short events) {
        struct pollfd ready = { .fd = fd, .events = events };

        return poll(&ready, 1, 0) > 0 && ready.revents != 0;
}

static void pump_input(StreamPump *pump) {
        ssize_t n;

        if (is_ready(pump->to, 0)) {
                stop(pump);
                return;
        }
        if (pump->begin == pump->end) {
                if (!is_ready(pump->from, POLLIN))
                        return;
                n = read(pump->from, pump->data, sizeof(pump->data));
                if (n < 0 && (errno == EINTR || errno == EAGAIN))
                        return;
                if (n <= 0) {
                        stop(pump);
                        return;
                }
                pump->begin = 0;
                pump->end = (size_t) n;
        }
        n = write(pump->to, pump->data + pump->begin, pump->end - pump->begin);
        if (n > 0)
                pump->begin += (size_t) n;
        else if (errno != EAGAIN && errno != EINTR)
                stop(pump);
}

/*
 * Our end of the pipe does not block; the caller's stream may, as it would for the app itself.
 * Return: whether there may be more.
 */
static bool pump_output(StreamPump *pump) {
        ssize_t n = read(pump->from, pump->data, sizeof(pump->data));

        if (n > 0 && io_write_all(pump->to, pump->data, (size_t) n) >= 0)
                return true;
        if (n >= 0 || (errno != EAGAIN && errno != EINTR))
                stop(pump);
        return false;
}

void streams_pump(Streams *streams) {
        if (streams->pumps[STDIN_FILENO].from >= 0)
                pump_input(&streams->pumps[STDIN_FILENO]);
        for (size_t i = STDOUT_FILENO; i <= STDERR_FILENO; i++)
                if (streams->pumps[i].from >= 0)
                        (void) pump_output(&streams->pumps[i]);
}

void streams_drain(Streams *streams) {
        stop(&streams->pumps[STDIN_FILENO]);
        for (size_t i = STDOUT_FILENO; i <= STDERR_FILENO; i++)
                while (streams->pumps[i].from >= 0 && pump_output(&streams->pumps[i]))
                        ;
}

void streams_close(Streams *streams) {
        streams_close_theirs(streams);
        for (size_t i = 0; i < ELEMENTS(streams->pumps); i++)
                stop(&streams->pumps[i]);
}
