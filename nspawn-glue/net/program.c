/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/report.h"

enum {
        ANSWER_MAX = 1024 * 1024,
        PATIENCE_MS = 60 * 1000, /* some have to wait for an answer of the network */
};

typedef struct Run {
        const Program *program;
        pid_t pid;
        int fd; /* pidfd */
        int output, error;
        char line[512]; /* of standard error, not yet whole */
        size_t n;
        ProgramEnd end;
} Run;

void program_end_done(ProgramEnd *end) {
        free(end->answer);
        end->answer = NULL;
}

static void run_done(Run *run) {
        fd_closep(&run->fd);
        fd_closep(&run->output);
        fd_closep(&run->error);
        program_end_done(&run->end);
}

/* As a file it is read to its end by whom it is for, and nobody has to wait for that. */
static int open_input(const Program *program, int *ret) {
        autofd int fd = memfd_create("slipway-net", MFD_CLOEXEC);
        int r;

        if (fd < 0)
                return -errno;
        r = io_write_all(fd, program->input, program->input_size);
        if (r < 0 || lseek(fd, 0, SEEK_SET) < 0)
                return r < 0 ? r : -errno;
        *ret = TAKE_FD(fd);
        return 0;
}

/* It does not outlive us: who comes next undoes what it has done, and nobody else is to do anything then. */
static void become(const Program *program, int input, int output, int error, pid_t parent) {
        sigset_t none;

        (void) setpgid(0, 0);
        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void) sigemptyset(&none);
        (void) sigprocmask(SIG_SETMASK, &none, NULL);
        if (getppid() != parent || dup2(input, STDIN_FILENO) < 0 || dup2(output, STDOUT_FILENO) < 0 ||
                        dup2(error, STDERR_FILENO) < 0)
                _exit(EXIT_FAILURE);
        (void) close_range(STDERR_FILENO + 1, ~0U, 0);
        (void) execve(program->arguments[0], program->arguments, program->environment);
        (void) dprintf(STDERR_FILENO, "cannot be executed: %s\n", strerror(errno));
        _exit(EXIT_FAILURE);
}

static int start(Run *run) {
        autofd int input = -1, output = -1, error = -1;
        pid_t parent = getpid();
        int r;

        if ((r = open_input(run->program, &input)) < 0 || (r = io_open_pipe(&run->output, &output)) < 0 ||
                        (r = io_open_pipe(&run->error, &error)) < 0)
                return r;
        run->pid = fork();
        if (run->pid == 0)
                become(run->program, input, output, error, parent);
        if (run->pid < 0)
                return -errno;
        run->fd = pidfd_open(run->pid, 0);
        if (run->fd >= 0)
                return 0;
        r = -errno;
        (void) kill(run->pid, SIGKILL);
        (void) waitpid(run->pid, NULL, 0);
        return r;
}

static bool has_secret(const Program *program, const char *line) {
        for (char *const *secret = program->secrets; secret && *secret; secret++)
                if (strstr(line, *secret))
                        return true;
        return false;
}

static void take_line(Run *run) {
        run->line[run->n] = '\0';
        run->n = 0;
        if (has_secret(run->program, run->line))
                (void) strcpy(run->line, "(a line with a key in it)");
        fault_tame(run->line);
        if (!*run->line)
                return;
        report_note(REPORT_NOTICE, "%s says: %s", run->program->title, run->line);
        (void) strcpy(run->end.words, run->line);
}

/* Return: whether there will be more. */
static bool read_error(Run *run) {
        char buffer[1024];
        ssize_t n = read(run->error, buffer, sizeof(buffer));

        if (n < 0 && errno == EINTR)
                return true;
        for (ssize_t i = 0; i < n; i++)
                if (buffer[i] == '\n')
                        take_line(run);
                else if (run->n < sizeof(run->line) - 1)
                        run->line[run->n++] = buffer[i];
        return n > 0;
}

/* What is too long is no answer; one byte more than may be is kept, so that this is seen. */
static bool read_output(Run *run) {
        ProgramEnd *end = &run->end;
        bool is_full = end->size > ANSWER_MAX;
        char rest[4096];
        ssize_t n = read(run->output, is_full ? rest : end->answer + end->size,
                        is_full ? sizeof(rest) : ANSWER_MAX + 1 - end->size);

        if (n < 0 && errno == EINTR)
                return true;
        if (n > 0 && !is_full)
                end->size += (size_t) n;
        return n > 0;
}

static int64_t now_ms(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until it has ended. What others have inherited of its pipes keeps nobody waiting. */
static int attend(Run *run) {
        int64_t end = now_ms() + PATIENCE_MS;
        struct pollfd fds[] = {
                { .fd = run->fd, .events = POLLIN },
                { .fd = run->output, .events = POLLIN },
                { .fd = run->error, .events = POLLIN },
        };

        for (;;) {
                int64_t left = end - now_ms();
                int r = left > 0 ? poll(fds, ELEMENTS(fds), (int) left) : 0;

                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r < 0)
                        continue;
                if (r == 0)
                        return -ETIMEDOUT;
                if (fds[1].revents && !read_output(run))
                        fds[1].fd = -1;
                if (fds[2].revents && !read_error(run))
                        fds[2].fd = -1;
                if (fds[0].revents && !fds[1].revents && !fds[2].revents)
                        return 0;
        }
}

static int judge(Run *run, const siginfo_t *info, Fault *fault) {
        const char *title = run->program->title;

        if (run->n > 0)
                take_line(run);
        if (info->si_code != CLD_EXITED)
                return fault_raise(fault, FAULT_SYSTEM, EIO, "%s was killed by signal %d", title,
                                info->si_status);
        if (run->end.size > ANSWER_MAX)
                return fault_raise(fault, FAULT_SYNTAX, EBADMSG, "%s has answered too much", title);
        run->end.answer[run->end.size] = '\0';
        run->end.status = info->si_status;
        return 0;
}

static int run_program(Run *run, Fault *fault) {
        const char *title = run->program->title;
        siginfo_t info = {};
        int r;

        r = start(run);
        if (r < 0)
                return fault_wrap(fault, r, "cannot execute %s", title);
        r = attend(run);
        /* With those that it has started. */
        if (r < 0)
                (void) kill(-run->pid, SIGKILL);
        while (waitid(P_PID, (id_t) run->pid, &info, WEXITED) < 0 && errno == EINTR)
                ;
        if (r == -ETIMEDOUT)
                return fault_raise(fault, FAULT_SYSTEM, ETIMEDOUT, "%s has not ended within %d s", title,
                                PATIENCE_MS / 1000);
        return r < 0 ? r : judge(run, &info, fault);
}

int program_run(const Program *program, ProgramEnd *ret, Fault *fault) {
        Run run = { .program = program, .fd = -1, .output = -1, .error = -1 };
        int r;

        run.end.answer = malloc(ANSWER_MAX + 2);
        r = run.end.answer ? run_program(&run, fault) : -ENOMEM;
        if (r >= 0) {
                *ret = run.end;
                run.end.answer = NULL;
        }
        run_done(&run);
        return r;
}
