/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/exec-stdio.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/cleanup.h"

#define END_OF_INPUT 0x04 /* what a terminal takes for the end: ctrl-d */
#define END_AGAIN_MS 200

/* A pipe between @standard of ours and the command. */
static int copy(ExecStdio *stdio, int standard, EnterCommand *command) {
        Pump *pump = &stdio->pumps[stdio->n_pumps];
        bool is_input = standard == STDIN_FILENO;
        int ends[2];

        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        stdio->ours[stdio->n_pumps] = ends[is_input];
        stdio->theirs[standard] = command->stdio[standard] = ends[!is_input];
        pump->from = is_input ? standard : ends[0];
        pump->to = is_input ? ends[1] : standard;
        stdio->n_pumps++;
        return 0;
}

static bool is_same_terminal(int a, int b) {
        struct stat first, second;

        return isatty(a) && isatty(b) && fstat(a, &first) >= 0 && fstat(b, &second) >= 0 &&
               first.st_rdev == second.st_rdev;
}

static bool is_copied(int fd, bool is_host_root) {
        struct stat st;

        if (isatty(fd) || fstat(fd, &st) < 0 || S_ISDIR(st.st_mode))
                return true;
        return is_host_root && !S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode);
}

int exec_stdio_open(ExecStdio *stdio, const ExecStdioWish *wish, EnterCommand *command) {
        *stdio = EXEC_STDIO_CLOSED;

        for (int i = 0; i < 3; i++) {
                bool is_wanted = !wish->detached && (i != STDIN_FILENO || wish->interactive) &&
                                 fcntl(i, F_GETFD) >= 0;
                int r = 0;

                command->stdio[i] = is_wanted ? i : -1;
                if (!is_wanted || command->ret_terminal || !is_copied(i, wish->is_host_root))
                        continue;
                /* One pipe for both keeps the order in which they were written to. */
                if (i == STDERR_FILENO && stdio->theirs[1] >= 0 && is_same_terminal(1, 2))
                        command->stdio[2] = command->stdio[1];
                else
                        r = copy(stdio, i, command);
                if (r < 0)
                        return r;
        }
        return 0;
}

void exec_stdio_use_terminal(ExecStdio *stdio, int master, bool interactive, DetachKeys *keys) {
        stdio->pumps[stdio->n_pumps].from = master;
        stdio->pumps[stdio->n_pumps++].to = STDOUT_FILENO;
        if (!interactive)
                return;
        stdio->pumps[stdio->n_pumps].from = STDIN_FILENO;
        stdio->pumps[stdio->n_pumps].to = master;
        stdio->pumps[stdio->n_pumps++].keys = keys;
}

void exec_stdio_begin(ExecStdio *stdio) {
        for (int i = 0; i < 3; i++) {
                fd_closep(&stdio->theirs[i]);
                stdio->theirs[i] = -1;
        }
}

/* Our end of a pipe is closed: who reads sees the end, who writes is told that nobody reads. */
static void settle(Pump *pump, int *ours) {
        bool is_over = pump->is_broken || (pump->has_ended && pump->begin == pump->end);

        if (is_over && *ours >= 0) {
                fd_closep(ours);
                *ours = -1;
                pump->has_ended = pump->is_broken = true;
        }
}

/*
 * The end of a pipe, for a command that reads from a terminal. A shell that just changes between reading
 * lines and reading keys can miss it, so it is said again whenever the command has read all and still runs.
 */
static void say_end(ExecStdio *stdio, const Pump *pump) {
        static const char end = END_OF_INPUT;
        struct pollfd unread = { .events = POLLIN };

        if (stdio->peer_fd < 0)
                stdio->peer_fd = ioctl(pump->to, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
        unread.fd = stdio->peer_fd;
        if (poll(&unread, 1, 0) == 0)
                (void) !write(pump->to, &end, 1);
}

void exec_stdio_settle(ExecStdio *stdio) {
        for (size_t i = 0; i < stdio->n_pumps; i++) {
                Pump *pump = &stdio->pumps[i];

                if (pump->keys && pump->has_ended && pump->begin == pump->end)
                        say_end(stdio, pump);
                else
                        settle(pump, &stdio->ours[i]);
        }
}

int exec_stdio_patience(const ExecStdio *stdio) {
        for (size_t i = 0; i < stdio->n_pumps; i++)
                if (stdio->pumps[i].keys && stdio->pumps[i].has_ended)
                        return END_AGAIN_MS;
        return -1;
}

void exec_stdio_close(ExecStdio *stdio) {
        exec_stdio_begin(stdio);
        for (int i = 0; i < 3; i++)
                fd_closep(&stdio->ours[i]);
        fd_closep(&stdio->peer_fd);
}
