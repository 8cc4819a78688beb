/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway attach: a person's terminal, or a pipe, for a container that runs. */

#include "cli/attach.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "cli/options.h"
#include "cli/target.h"
#include "cli/verbs.h"
#include "lib/report.h"
#include "lib/signals.h"
#include "nspawn-glue/control.h"

/* How long to wait for the status of a container that has ended. */
enum { STATUS_TRIES = 300, STATUS_PAUSE_MS = 10 };

enum { OPTION_NO_STDIN = OPTION_LONG, OPTION_DETACH_KEYS, OPTION_SIG_PROXY };

static const Option options[] = {
        { OPTION_DETACH_KEYS, "detach-keys", "KEYS", "keys that end it, ctrl-p,ctrl-q otherwise" },
        { OPTION_NO_STDIN, "no-stdin", NULL, "do not pass on standard input" },
        { OPTION_SIG_PROXY, "sig-proxy", "BOOLEAN", "whether signals are passed on, true otherwise" },
};

static void attach_done(Attach *attach) {
        running_close(&attach->running);
        fd_closep(&attach->signal_fd);
}

static int take_option(Attach *attach, int key, char **argv) {
        switch (key) {

        case OPTION_NO_STDIN:
                attach->no_stdin = true;
                return 0;

        case OPTION_DETACH_KEYS:
                return detach_keys_parse(optarg, &attach->keys) >= 0
                                       ? 0
                                       : options_misused(argv[0],
                                                         "'%s' are no keys: letters and ctrl-LETTER, with "
                                                         "commas in between",
                                                         optarg);

        default:
                attach->no_signals = strcmp(optarg, "false") == 0 || strcmp(optarg, "no") == 0;
                if (!attach->no_signals && strcmp(optarg, "true") != 0 && strcmp(optarg, "yes") != 0)
                        return options_misused(argv[0], "'%s' is neither true nor false", optarg);
                return 0;
        }
}

int attach_take_signals(Attach *attach) {
        static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGWINCH };
        sigset_t set;

        (void) sigemptyset(&set);
        for (size_t i = 0; i < ELEMENTS(numbers); i++)
                (void) sigaddset(&set, numbers[i]);
        (void) signal(SIGPIPE, SIG_IGN);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        attach->signal_fd = signalfd(-1, &set, SFD_CLOEXEC);
        return attach->signal_fd < 0 ? -errno : 0;
}

int attach_signal(const Attach *attach, bool passes_on, bool *ret_window) {
        struct signalfd_siginfo info;

        *ret_window = false;
        if (read(attach->signal_fd, &info, sizeof(info)) != sizeof(info))
                return ATTACH_RUNS;
        if (info.ssi_signo == SIGWINCH) {
                *ret_window = true;
                return ATTACH_RUNS;
        }
        if (!passes_on || attach->no_signals)
                return ATTACH_SIGNAL + (int) info.ssi_signo;
        (void) pidfd_send_signal(attach->running.init_fd, (int) info.ssi_signo, NULL, 0);
        return ATTACH_RUNS;
}

/* Written by ExecStopPost=, which comes when the container has ended. */
static int exit_status(const Attach *attach) {
        const Running *running = &attach->running;
        Record record = {};
        int signal;

        for (int tries = 0; tries < STATUS_TRIES; tries++) {
                if (record_read_last(running->name, &record) >= 0 &&
                                record.started == running->record.started && *record.exit_code)
                        break;
                (void) poll(NULL, 0, STATUS_PAUSE_MS);
        }
        if (record.started != running->record.started || !*record.exit_code)
                return EXIT_LAUNCHER;
        if (strcmp(record.exit_code, "exited") == 0)
                return atoi(record.exit_status);
        signal = signal_from_name(record.exit_status);
        return signal < 0 ? EXIT_LAUNCHER : 128 + signal;
}

static int end(const Attach *attach, int how, const Fault *fault) {
        struct pollfd ended = { .fd = attach->running.nspawn_fd, .events = POLLIN };

        if (how < 0) {
                report_fault(REPORT_ERROR, fault);
                return EXIT_LAUNCHER;
        }
        if (how >= ATTACH_SIGNAL)
                return 128 + how - ATTACH_SIGNAL;
        if (how == ATTACH_DETACHED)
                return VERB_OK;
        if (how == ATTACH_LOST && poll(&ended, 1, 1000) <= 0) {
                report_note(REPORT_ERROR, "the connection to '%s' was closed, the container still runs",
                                attach->running.name);
                return EXIT_LAUNCHER;
        }
        (void) poll(&ended, 1, -1);
        return exit_status(attach);
}

static int run(Attach *attach, const char *word) {
        Fault fault = {};
        int fd, r;

        r = target_open(word, &attach->running, &fault);
        if (r >= 0)
                r = attach_take_signals(attach);
        if (r < 0)
                return end(attach, fault_is_raised(&fault) ? r : fault_wrap(&fault, r, "cannot attach"),
                                &fault);

        fd = attach_connect(attach->running.name);
        if (fd == -ENOENT)
                r = attach_journal(attach, &fault);
        else if (fd < 0)
                r = fault_wrap(&fault, fd, "cannot connect to the terminal of '%s'", attach->running.name);
        else
                r = attach_socket(attach, fd, &fault);
        return end(attach, r, &fault);
}

int verb_attach(int argc, char **argv) {
        AUTO(attach_done) Attach attach = { .running = RUNNING_CLOSED, .signal_fd = -1 };
        int key;

        (void) detach_keys_parse(DETACH_KEYS_DEFAULT, &attach.keys);
        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key < 0)
                        return key == OPTION_HELP ? VERB_OK : EXIT_LAUNCHER;
                if (take_option(&attach, key, argv) != 0)
                        return EXIT_LAUNCHER;
        }
        if (argc - optind != 1) {
                (void) options_misused(argv[0], "the name of one container is needed");
                return EXIT_LAUNCHER;
        }
        return run(&attach, argv[optind]);
}
