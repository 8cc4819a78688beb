/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/raw-terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "lib/cleanup.h"

/* Somebody else may have made it as they like it meanwhile, a shell for instance; then it is theirs. */
static void restore(int fd, const struct termios *raw, const struct termios *before) {
        struct termios now;

        if (tcgetattr(fd, &now) >= 0 && now.c_lflag == raw->c_lflag && now.c_iflag == raw->c_iflag &&
                        now.c_oflag == raw->c_oflag)
                (void) tcsetattr(fd, TCSADRAIN, before);
}

/* A byte says that all is well already, the mere end of the pipe that the program was killed. */
static _Noreturn void guard(int fd, int pipe_fd, const struct termios *raw, const struct termios *before) {
        char nothing;

        /* Not of the program's session: neither the keys nor the end of the terminal are for us. */
        (void) setsid();
        (void) signal(SIGTTOU, SIG_IGN);
        (void) signal(SIGHUP, SIG_IGN);
        if (dup2(fd, STDIN_FILENO) < 0 || dup2(pipe_fd, STDOUT_FILENO) < 0)
                _exit(EXIT_FAILURE);
        (void) close_range(STDERR_FILENO, ~0U, 0);
        if (read(STDOUT_FILENO, &nothing, 1) == 0)
                restore(STDIN_FILENO, raw, before);
        _exit(EXIT_SUCCESS);
}

int raw_terminal_begin(int fd, RawTerminal *ret) {
        struct termios before, raw;
        int ends[2];
        pid_t pid;

        if (tcgetattr(fd, &before) < 0)
                return -errno;
        raw = before;
        cfmakeraw(&raw);
        if (pipe2(ends, O_CLOEXEC) < 0)
                return -errno;
        pid = fork();
        if (pid == 0) {
                (void) close(ends[1]);
                guard(fd, ends[0], &raw, &before);
        }
        (void) close(ends[0]);
        if (pid < 0 || tcsetattr(fd, TCSADRAIN, &raw) < 0) {
                int saved = errno;

                (void) close(ends[1]);
                return -saved;
        }
        *ret = (RawTerminal){ .fd = fd, .guard_fd = ends[1], .before = before };
        return 0;
}

void raw_terminal_end(RawTerminal *terminal) {
        if (terminal->fd < 0)
                return;
        (void) tcsetattr(terminal->fd, TCSADRAIN, &terminal->before);
        (void) !write(terminal->guard_fd, "", 1);
        fd_closep(&terminal->guard_fd);
        *terminal = RAW_TERMINAL_NONE;
}
