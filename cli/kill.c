/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway kill: a signal for the app itself. */

#include <getopt.h>
#include <signal.h>

#include "cli/action.h"
#include "cli/payload.h"
#include "cli/verbs.h"
#include "lib/report.h"
#include "lib/signals.h"

static const Option options[] = {
        ACTION_OPTION_ALL,
        { 's', "signal", "SIGNAL", "which signal, by name or number (KILL)" },
        ACTION_OPTION_VERBOSE,
};

static int send_signal(Action *action, const GeneratedUnit *unit, void *userdata, Fault *fault) {
        return payload_signal(unit, *(int *) userdata, fault);
}

int verb_kill(int argc, char **argv) {
        AUTO(action_close) Action action = {};
        int signal = SIGKILL, key;
        bool is_all = false;
        Fault fault = {};

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                switch (key) {

                case 'a':
                        is_all = true;
                        break;

                case 's':
                        signal = signal_from_name(optarg);
                        if (signal < 0)
                                return options_misused(argv[0], "'%s' is no signal", optarg);
                        break;

                case 'v':
                        action.verbose = true;
                        break;

                default:
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
                }

        if (is_all == (optind < argc))
                return options_misused(argv[0],
                                is_all ? "--all needs no names" : "the name of a container is missing");
        if (action_open(&action, ACTION_RUNNING, is_all ? NULL : argv + optind, &fault) < 0) {
                report_fault(REPORT_ERROR, &fault);
                return VERB_FAILED;
        }
        return action_each(&action, send_signal, &signal);
}
