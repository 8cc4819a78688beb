/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway exec: a command in a container that runs, as if the app had started it. */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/exec-stdio.h"
#include "cli/options.h"
#include "cli/raw-terminal.h"
#include "cli/target.h"
#include "cli/verbs.h"
#include "lib/io.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/control.h"
#include "nspawn-glue/environment.h"

enum { OPTION_ENV_FILE = OPTION_LONG, OPTION_DETACH_KEYS };

static const Option options[] = {
        { 'd', "detach", NULL, "do not wait for it" },
        { OPTION_DETACH_KEYS, "detach-keys", "KEYS", "keys that leave it alone, ctrl-p,ctrl-q otherwise" },
        { 'e', "env", "NAME[=VALUE]", "set a variable, or pass one on" },
        { OPTION_ENV_FILE, "env-file", "FILE", "set the variables in a file" },
        { 'i', "interactive", NULL, "pass on standard input" },
        { 't', "tty", NULL, "give it a terminal" },
        { 'u', "user", "USER[:GROUP]", "be this user instead of the container's" },
        { 'w', "workdir", "DIRECTORY", "work in this directory" },
};

typedef struct Exec {
        /* what was asked for */
        const char *name;
        bool detach, interactive, terminal;
        DetachKeys keys;
        char **environment;
        EnterCommand command;

        /* what came of it */
        Running running;
        ExecStdio stdio;
        RawTerminal raw;
        int master, pidfd;
        EnterSignals signals;
        pid_t pid;
} Exec;

static void exec_done(Exec *exec) {
        raw_terminal_end(&exec->raw);
        exec_stdio_close(&exec->stdio);
        running_close(&exec->running);
        fd_closep(&exec->master);
        fd_closep(&exec->pidfd);
        fd_closep(&exec->signals.fd);
        strv_free(exec->environment);
}

static int add_env_file(Exec *exec, const char *path, Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        int r = io_read_file(AT_FDCWD, path, 1024 * 1024, &text, &size);

        if (r >= 0 && memchr(text, '\0', size))
                r = -EBADMSG;
        if (r < 0)
                return fault_raise(fault, FAULT_MISSING, -r, "cannot read the environment file '%s': %s",
                                path, strerror(-r));
        return environment_add_file(&exec->environment, text, environ, fault);
}

static int take_option(Exec *exec, int key, Fault *fault) {
        switch (key) {

        case 'd':
                exec->detach = true;
                return 0;

        case 'i':
                exec->interactive = true;
                return 0;

        case 't':
                exec->terminal = true;
                return 0;

        case 'u':
                exec->command.user = optarg;
                return 0;

        case 'w':
                exec->command.workdir = optarg;
                return 0;

        case 'e':
                return environment_add(&exec->environment, optarg, environ, fault);

        case OPTION_ENV_FILE:
                return add_env_file(exec, optarg, fault);

        default:
                if (detach_keys_parse(optarg, &exec->keys) < 0)
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "'%s' are no keys: letters and ctrl-LETTER, with commas in between",
                                        optarg);
                return 0;
        }
}

/* Return: EXIT_SUCCESS to go on, else the exit status. */
static int parse(Exec *exec, int argc, char **argv, bool *ret_done, Fault *fault) {
        int key;

        while ((key = options_next_leading(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key < 0) {
                        *ret_done = true;
                        return key == OPTION_HELP ? EXIT_SUCCESS : EXIT_LAUNCHER;
                }
                if (take_option(exec, key, fault) < 0)
                        return EXIT_LAUNCHER;
        }
        if (argc - optind < 2) {
                (void) options_misused(argv[0], optind == argc ? "the name of a container is missing"
                                                               : "a command is missing");
                *ret_done = true;
                return EXIT_LAUNCHER;
        }
        exec->name = argv[optind];
        exec->command.arguments = argv + optind + 1;
        return EXIT_SUCCESS;
}

static void get_window(struct winsize *ret) {
        for (int fd = 0; fd < 3; fd++)
                if (ioctl(fd, TIOCGWINSZ, ret) >= 0)
                        return;
}

/* As in ssh: what the terminal is does not change on the way. */
static int add_term(Exec *exec) {
        const char *term = getenv("TERM");
        char variable[64];

        if (!exec->terminal || environment_get(exec->environment, "TERM"))
                return 0;
        (void) snprintf(variable, sizeof(variable), "TERM=%s", term && *term ? term : "xterm");
        return environment_set(&exec->environment, variable);
}

static int prepare(Exec *exec) {
        const ExecStdioWish wish = {
                .interactive = exec->interactive,
                .detached = exec->detach,
                .is_host_root = exec->running.record.count == 0,
        };
        int r = add_term(exec);

        exec->command.environment = exec->environment;
        exec->command.stays = exec->detach;
        if (exec->terminal) {
                exec->command.ret_terminal = &exec->master;
                get_window(&exec->command.size);
        }
        return r < 0 ? r : exec_stdio_open(&exec->stdio, &wish, &exec->command);
}

/* All that can end us, and what the window does, are for the command as soon as there is one. */
static int take_signals(Exec *exec) {
        static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };
        sigset_t set;

        (void) sigemptyset(&set);
        for (size_t i = 0; i < ELEMENTS(numbers); i++)
                (void) sigaddset(&set, numbers[i]);
        (void) signal(SIGPIPE, SIG_IGN);
        if (sigprocmask(SIG_BLOCK, &set, &exec->signals.before) < 0)
                return -errno;
        exec->command.signals = &exec->signals;
        exec->signals.fd = signalfd(-1, &set, SFD_CLOEXEC);
        return exec->signals.fd < 0 ? -errno : 0;
}

static int begin(Exec *exec) {
        int r = 0;

        exec_stdio_begin(&exec->stdio);
        if (!exec->terminal)
                return 0;
        if (fcntl(exec->master, F_SETFL, O_NONBLOCK) < 0)
                return -errno;
        if (!isatty(STDIN_FILENO))
                exec->keys.n = 0;
        exec_stdio_use_terminal(&exec->stdio, exec->master, exec->interactive, &exec->keys);
        if (exec->interactive)
                r = raw_terminal_begin(STDIN_FILENO, &exec->raw);
        return r == -ENOTTY ? 0 : r;
}

typedef enum ExecEnd {
        EXEC_RUNS,
        EXEC_ENDED,
        EXEC_LEFT,    /* by the keys for that */
        EXEC_HUNG_UP, /* with the caller's terminal */
} ExecEnd;

static ExecEnd handle_signal(Exec *exec) {
        struct signalfd_siginfo info;
        struct winsize size;

        if (read(exec->signals.fd, &info, sizeof(info)) != sizeof(info))
                return EXEC_RUNS;
        if (info.ssi_signo != SIGWINCH || !exec->terminal) {
                (void) pidfd_send_signal(exec->pidfd, (int) info.ssi_signo, NULL, 0);
                return info.ssi_signo == SIGHUP && exec->terminal ? EXEC_HUNG_UP : EXEC_RUNS;
        }
        get_window(&size);
        (void) ioctl(exec->master, TIOCSWINSZ, &size);
        return EXEC_RUNS;
}

static ExecEnd copy_until_end(Exec *exec) {
        ExecStdio *stdio = &exec->stdio;
        ExecEnd end = EXEC_RUNS;

        while (end == EXEC_RUNS) {
                struct pollfd wait[2 + 2 * ELEMENTS(stdio->pumps)] = {
                        { .fd = exec->pidfd, .events = POLLIN },
                        { .fd = exec->signals.fd, .events = POLLIN },
                };

                for (size_t i = 0; i < stdio->n_pumps; i++)
                        pump_wait(&stdio->pumps[i], &wait[2 + 2 * i]);
                if (poll(wait, 2 + 2 * stdio->n_pumps, exec_stdio_patience(stdio)) < 0)
                        continue;
                for (size_t i = 0; i < stdio->n_pumps; i++) {
                        pump_move(&stdio->pumps[i], &wait[2 + 2 * i]);
                        if (stdio->pumps[i].has_detached)
                                end = EXEC_LEFT;
                }
                exec_stdio_settle(stdio);
                if (wait[0].revents)
                        end = EXEC_ENDED;
                else if (wait[1].revents && end == EXEC_RUNS)
                        end = handle_signal(exec);
        }
        return end;
}

/* Somebody has to hold the terminal of a command that was left alone, and to read what it says. */
static int leave(Exec *exec) {
        char nothing[4096];
        pid_t pid;

        raw_terminal_end(&exec->raw);
        pid = exec->terminal ? fork() : 1;
        if (pid != 0)
                return pid < 0 ? EXIT_LAUNCHER : EXIT_SUCCESS;
        /* The hangup of the terminal that we leave may come at any time, and is none of this one's. */
        (void) setsid();
        (void) signal(SIGHUP, SIG_IGN);
        (void) sigprocmask(SIG_SETMASK, &exec->signals.before, NULL);
        if (dup2(exec->master, STDIN_FILENO) < 0 || fcntl(STDIN_FILENO, F_SETFL, 0) < 0)
                _exit(EXIT_FAILURE);
        (void) close_range(STDOUT_FILENO, ~0U, 0);
        while (read(STDIN_FILENO, nothing, sizeof(nothing)) > 0 || errno == EINTR)
                ;
        _exit(EXIT_SUCCESS);
}

/* Who reads slowly is waited for, and who is traced in the container ends when its tracer likes; but we can
 * be killed. */
static int finish(Exec *exec) {
        siginfo_t info = {};
        int status;

        (void) sigprocmask(SIG_SETMASK, &(sigset_t){}, NULL);
        while (waitid(P_PIDFD, (id_t) exec->pidfd, &info, WEXITED) < 0)
                if (errno != EINTR)
                        return EXIT_LAUNCHER;
        for (size_t i = 0; i < exec->stdio.n_pumps; i++)
                if (exec->stdio.pumps[i].from != STDIN_FILENO)
                        pump_drain(&exec->stdio.pumps[i]);
        raw_terminal_end(&exec->raw);
        status = info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
        if (status == 128 + SIGKILL && running_ends(&exec->running, 500))
                report_note(REPORT_ERROR, "the container '%s' has ended", exec->running.name);
        return status;
}

static int end_as(Exec *exec, ExecEnd end) {
        if (end == EXEC_ENDED)
                return finish(exec);
        return end == EXEC_LEFT ? leave(exec) : 128 + SIGHUP;
}

static int fail(const Fault *fault, int r, int status) {
        Fault unsaid = *fault;

        if (!fault_is_raised(&unsaid))
                (void) fault_wrap(&unsaid, r, "cannot execute the command");
        report_fault(REPORT_ERROR, &unsaid);
        return status;
}

/* By a program that has the container's root for its own: which file that is must not be changed from
 * inside. */
static int protect(const Exec *exec, char **argv) {
        autostrv char **words = NULL;
        int r;

        if (exec->running.record.count > 0)
                return 0;
        r = strv_append(&words, "slipway");
        if (r >= 0)
                r = strv_extend(&words, argv);
        return r < 0 ? r : enter_protect_executable(words);
}

static int run(Exec *exec, char **argv, Fault *fault) {
        int status = EXIT_LAUNCHER, r;

        r = target_open(exec->name, &exec->running, fault);
        if (r >= 0)
                r = protect(exec, argv);
        if (r >= 0)
                r = prepare(exec);
        if (r >= 0)
                r = take_signals(exec);
        if (r >= 0)
                r = enter_spawn(&exec->running, &exec->command, &exec->pid, &exec->pidfd, &status, fault);
        if (r >= 0 && exec->detach)
                return leave(exec);
        if (r >= 0)
                r = begin(exec);
        if (r < 0)
                return fail(fault, r, status);
        return end_as(exec, copy_until_end(exec));
}

int verb_exec(int argc, char **argv) {
        AUTO(exec_done)
        Exec exec = {
                .raw = RAW_TERMINAL_NONE,
                .running = RUNNING_CLOSED,
                .master = -1,
                .pidfd = -1,
                .signals.fd = -1,
                .stdio = EXEC_STDIO_CLOSED,
        };
        bool done = false;
        Fault fault = {};
        int status;

        (void) detach_keys_parse(DETACH_KEYS_DEFAULT, &exec.keys);
        status = parse(&exec, argc, argv, &done, &fault);
        if (done)
                return status;
        if (status != EXIT_SUCCESS)
                return fail(&fault, -EINVAL, status);
        return run(&exec, argv, &fault);
}
