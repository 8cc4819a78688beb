/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway stop: units of containers, with the grace that they have, or less. */

#include <getopt.h>
#include <string.h>

#include "cli/action.h"
#include "cli/verbs.h"
#include "lib/report.h"
#include "lib/time-span.h"

static const Option options[] = {
        ACTION_OPTION_ALL,
        { 't', "time", "SECONDS", "kill what has not stopped by then" },
        ACTION_OPTION_VERBOSE,
};

int verb_stop(int argc, char **argv) {
        AUTO(action_close) Action action = {};
        uint64_t grace = UINT64_MAX;
        bool is_all = false;
        Fault fault = {};
        int key;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                switch (key) {

                case 'a':
                        is_all = true;
                        break;

                case 't':
                        /* podman's word for "never". */
                        if (strcmp(optarg, "-1") != 0 && time_span_parse(optarg, &grace) < 0)
                                return options_misused(argv[0], "'%s' is no time", optarg);
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
        return action_run_jobs(&action, "StopUnit", "stop", grace);
}
