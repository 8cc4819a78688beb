/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/helper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/report.h"
#include "lib/signals.h"

/* So long may a program take to end that was asked to. */
enum { PATIENCE_MS = 5000 };

typedef struct Helper {
        pid_t pid;
        int fd; /* pidfd */
        int output, error, signals;
        sigset_t mask;  /* as it was before */
        char line[512]; /* of standard error, not yet whole */
        size_t n;
        bool is_asked; /* to end */
        HelperEnd end;
} Helper;

static void helper_done(Helper *helper) {
        fd_closep(&helper->fd);
        fd_closep(&helper->output);
        fd_closep(&helper->error);
        fd_closep(&helper->signals);
        (void) sigprocmask(SIG_SETMASK, &helper->mask, NULL);
}

/* Nothing of the unit's that is for the app: neither its sockets nor its watchdog. */
static void become(char *const *arguments, int output, int error, const sigset_t *mask, pid_t parent) {
        static const char *const forgotten[] = { "JOURNAL_STREAM", "LISTEN_FDNAMES", "LISTEN_FDS",
                "LISTEN_PID", "SYSTEMD_EXEC_PID", "WATCHDOG_PID", "WATCHDOG_USEC" };
        int null = open("/dev/null", O_RDWR | O_CLOEXEC);

        (void) prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
                        dup2(output, STDOUT_FILENO) < 0 || dup2(error, STDERR_FILENO) < 0)
                _exit(EXIT_FAILURE);
        (void) close_range(STDERR_FILENO + 1, ~0U, 0);
        for (size_t i = 0; i < ELEMENTS(forgotten); i++)
                (void) unsetenv(forgotten[i]);
        (void) sigprocmask(SIG_SETMASK, mask, NULL);
        (void) execv(arguments[0], arguments);
        _exit(EXIT_FAILURE);
}

static int watch_signals(Helper *helper) {
        static const int numbers[] = { SIGTERM, SIGINT, SIGHUP };
        sigset_t wanted;

        (void) sigemptyset(&wanted);
        for (size_t i = 0; i < ELEMENTS(numbers); i++)
                (void) sigaddset(&wanted, numbers[i]);
        if (sigprocmask(SIG_BLOCK, &wanted, &helper->mask) < 0)
                return -errno;
        helper->signals = signalfd(-1, &wanted, SFD_CLOEXEC);
        return helper->signals < 0 ? -errno : 0;
}

static int start(Helper *helper, char *const *arguments) {
        autofd int output = -1, error = -1;
        pid_t parent = getpid();
        int r;

        if ((r = io_open_pipe(&helper->output, &output)) < 0 ||
                        (r = io_open_pipe(&helper->error, &error)) < 0)
                return r;
        helper->pid = fork();
        if (helper->pid == 0)
                become(arguments, output, error, &helper->mask, parent);
        if (helper->pid < 0)
                return -errno;
        helper->fd = pidfd_open(helper->pid, 0);
        if (helper->fd >= 0)
                return 0;
        r = -errno;
        (void) kill(helper->pid, SIGKILL);
        (void) waitpid(helper->pid, NULL, 0);
        return r;
}

/* The name of the program is in front of its words, and so will be ours. */
static const char *skip_program(const char *line) {
        const char *colon = strstr(line, ": ");

        return strncmp(line, "slipway", 7) == 0 && colon && !memchr(line, ' ', (size_t) (colon - line))
                               ? colon + 2
                               : line;
}

/* What was the last line until now is none any more. */
static void take_line(Helper *helper) {
        if (*helper->end.words)
                report_note(REPORT_NOTICE, "%s", helper->end.words);
        helper->line[helper->n] = '\0';
        helper->n = 0;
        (void) snprintf(helper->end.words, sizeof(helper->end.words), "%s", skip_program(helper->line));
}

/* Return: whether there will be more. */
static bool read_error(Helper *helper) {
        char buffer[1024];
        ssize_t n = read(helper->error, buffer, sizeof(buffer));

        if (n < 0 && errno == EINTR)
                return true;
        /* Of a line that is too long the rest is left out. */
        for (ssize_t i = 0; i < n; i++)
                if (buffer[i] == '\n')
                        take_line(helper);
                else if (helper->n < sizeof(helper->line) - 1)
                        helper->line[helper->n++] = buffer[i];
        if (n <= 0 && helper->n > 0)
                take_line(helper);
        return n > 0;
}

static bool read_output(Helper *helper) {
        char buffer[sizeof(helper->end.output)];
        size_t have = strlen(helper->end.output);
        ssize_t n = read(helper->output, buffer, sizeof(buffer));

        if (n < 0 && errno == EINTR)
                return true;
        if (n > 0 && have + 1 < sizeof(helper->end.output))
                (void) snprintf(helper->end.output + have, sizeof(helper->end.output) - have, "%.*s",
                                (int) n, buffer);
        return n > 0;
}

static void hand_on(Helper *helper) {
        struct signalfd_siginfo info;

        if (read(helper->signals, &info, sizeof(info)) != sizeof(info))
                return;
        helper->end.signal = (int) info.ssi_signo;
        (void) pidfd_send_signal(helper->fd, helper->is_asked ? SIGKILL : SIGTERM, NULL, 0);
        helper->is_asked = true;
}

/* Until it has ended. What others have inherited of its pipes keeps nobody waiting. */
static int attend(Helper *helper) {
        struct pollfd fds[] = {
                { .fd = helper->fd, .events = POLLIN },
                { .fd = helper->signals, .events = POLLIN },
                { .fd = helper->output, .events = POLLIN },
                { .fd = helper->error, .events = POLLIN },
        };

        for (;;) {
                int r = poll(fds, ELEMENTS(fds), helper->is_asked ? PATIENCE_MS : -1);

                if (r < 0 && errno != EINTR)
                        return -errno;
                if (r < 0)
                        continue;
                if (r == 0)
                        (void) pidfd_send_signal(helper->fd, SIGKILL, NULL, 0);
                if (fds[2].revents && !read_output(helper))
                        fds[2].fd = -1;
                if (fds[3].revents && !read_error(helper))
                        fds[3].fd = -1;
                if (fds[1].revents)
                        hand_on(helper);
                if (fds[0].revents && !fds[2].revents && !fds[3].revents)
                        return 0;
        }
}

static int judge(Helper *helper, const siginfo_t *info, const char *program, Fault *fault) {
        char name[32];

        /* What it wrote without a line break. */
        if (helper->n > 0)
                take_line(helper);
        if (helper->end.signal != 0)
                return -ECANCELED;
        if (info->si_code == CLD_EXITED && info->si_status == 0) {
                if (*helper->end.words)
                        report_note(REPORT_NOTICE, "%s", helper->end.words);
                *helper->end.words = '\0';
                return 0;
        }
        if (info->si_code != CLD_EXITED)
                (void) snprintf(helper->end.words, sizeof(helper->end.words), "'%s' was killed by signal %s",
                                program, signal_to_name(info->si_status, name, sizeof(name)));
        else if (!*helper->end.words)
                (void) snprintf(helper->end.words, sizeof(helper->end.words),
                                "'%s' has failed with status %d and without a word", program,
                                info->si_status);
        return -EIO;
}

static int run(Helper *helper, char *const *arguments, Fault *fault) {
        siginfo_t info = {};
        int r;

        if ((r = FAULT_POINT("helper:start")) < 0 || (r = watch_signals(helper)) < 0 ||
                        (r = start(helper, arguments)) < 0)
                return fault_wrap(fault, r, "cannot execute '%s'", arguments[0]);
        r = FAULT_POINT("helper:wait");
        if (r >= 0)
                r = attend(helper);
        if (r < 0)
                (void) kill(helper->pid, SIGKILL);
        while (waitid(P_PID, (id_t) helper->pid, &info, WEXITED) < 0 && errno == EINTR)
                ;
        return r < 0 ? fault_wrap(fault, r, "cannot wait for '%s'", arguments[0])
                     : judge(helper, &info, arguments[0], fault);
}

int helper_run(char *const *arguments, HelperEnd *ret, Fault *fault) {
        Helper helper = { .fd = -1, .output = -1, .error = -1, .signals = -1 };
        int r;

        if (access(arguments[0], X_OK) < 0)
                return fault_raise(fault, FAULT_MISSING, errno, "cannot execute '%s': %s", arguments[0],
                                strerror(errno));
        if (sigprocmask(SIG_SETMASK, NULL, &helper.mask) < 0)
                return -errno;
        r = run(&helper, arguments, fault);
        helper_done(&helper);
        *ret = helper.end;
        return r;
}

int helper_do(char *const *arguments, Fault *fault) {
        HelperEnd end = {};
        int r = helper_run(arguments, &end, fault);

        return r == -EIO ? fault_raise(fault, FAULT_SYSTEM, EIO, "%s", end.words) : r;
}
