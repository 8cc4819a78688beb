/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/pager.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/strv.h"

static bool screen_size(struct winsize *ret) {
        const char *columns = getenv("COLUMNS"), *lines = getenv("LINES");

        if (!isatty(STDOUT_FILENO))
                return false;
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, ret) < 0 || ret->ws_col == 0 || ret->ws_row == 0)
                *ret = (struct winsize){ .ws_col = 80, .ws_row = 24 };
        if (columns && atoi(columns) > 0)
                ret->ws_col = (unsigned short) atoi(columns);
        if (lines && atoi(lines) > 0)
                ret->ws_row = (unsigned short) atoi(lines);
        return true;
}

size_t terminal_width(void) {
        struct winsize size;

        return screen_size(&size) ? size.ws_col : 0;
}

/* The last line of the screen is the shell's. */
static bool fits(const char *text, size_t size) {
        struct winsize screen;
        size_t lines = 0;

        if (!screen_size(&screen))
                return true;
        for (size_t i = 0; i < size; i++)
                lines += text[i] == '\n';
        return lines < screen.ws_row;
}

/* Who may use Slipway as root may not therefore have root's shell, which most pagers open when they are
 * asked to. */
static bool is_lent(void) {
        return getenv("SUDO_UID") || getenv("PKEXEC_UID") || getenv("DOAS_USER");
}

/* As systemd does it: set and empty, or "cat", is none. */
static int choose(char ***ret) {
        const char *wanted = getenv("SYSTEMD_PAGER") ?: getenv("PAGER") ?: "less";
        const char *pager = !is_lent() || !*wanted || strcmp(wanted, "cat") == 0 ? wanted : "less";
        autofree char *copy = strdup(pager);
        char *save = NULL;
        int r = copy ? 0 : -ENOMEM;

        for (char *word = copy ? strtok_r(copy, " \t", &save) : NULL; r >= 0 && word;
                        word = strtok_r(NULL, " \t", &save))
                r = strv_append(ret, word);
        return r;
}

static void become_pager(char **words, int input) {
        if (dup2(input, STDIN_FILENO) < 0)
                _exit(EXIT_FAILURE);
        (void) setenv("LESS", is_lent() ? "FRSXMK" : getenv("SYSTEMD_LESS") ?: "FRSXMK", 1);
        (void) setenv("LESSCHARSET", getenv("SYSTEMD_LESSCHARSET") ?: "utf-8", 1);
        if (is_lent()) {
                (void) setenv("LESSSECURE", "1", 1);
                (void) unsetenv("LESSOPEN");
        }
        (void) signal(SIGINT, SIG_DFL);
        (void) signal(SIGPIPE, SIG_DFL);
        (void) execvp(words[0], words);

        /* There is no such pager: as if none were wanted. */
        if (!is_lent())
                (void) execlp("more", "more", NULL);
        (void) execlp("cat", "cat", NULL);
        _exit(EXIT_FAILURE);
}

/* Somebody who has seen enough closes the pipe, and that is no failure. */
static int feed(int fd, const char *text, size_t size, pid_t pager) {
        int r = io_write_all(fd, text, size);

        (void) close(fd);
        while (waitpid(pager, NULL, 0) < 0 && errno == EINTR)
                ;
        return r == -EPIPE ? 0 : r;
}

static int run_pager(char **words, const char *text, size_t size) {
        void (*before_interrupt)(int), (*before_pipe)(int);
        int pipes[2], r;
        pid_t pid;

        if (pipe2(pipes, O_CLOEXEC) < 0)
                return -errno;
        (void) fflush(stdout);
        pid = fork();
        if (pid == 0)
                become_pager(words, pipes[0]);
        (void) close(pipes[0]);
        if (pid < 0) {
                r = -errno;
                (void) close(pipes[1]);
                return r;
        }

        before_interrupt = signal(SIGINT, SIG_IGN);
        before_pipe = signal(SIGPIPE, SIG_IGN);
        r = feed(pipes[1], text, size, pid);
        (void) signal(SIGINT, before_interrupt);
        (void) signal(SIGPIPE, before_pipe);
        return r;
}

int pager_show(const char *text, size_t size, bool wanted) {
        autostrv char **words = NULL;

        if (wanted && !fits(text, size)) {
                int r = choose(&words);

                if (r < 0)
                        return r;
                if (words && strcmp(words[0], "cat") != 0)
                        return run_pager(words, text, size);
        }
        return fwrite(text, 1, size, stdout) == size ? 0 : -EIO;
}
