/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway rm: what is left of containers. A manifest is the administrator's, and stays. */

#include <errno.h>
#include <getopt.h>

#include "cli/action.h"
#include "cli/verbs.h"
#include "lib/report.h"

static const Option options[] = {
        ACTION_OPTION_ALL,
        { 'f', "force", NULL, "stop those that run" },
        ACTION_OPTION_VERBOSE,
};

static int remove_one(Action *action, const GeneratedUnit *unit, void *userdata, Fault *fault) {
        bool force = *(bool *) userdata;
        char buffer[256];
        const char *name = container_name(unit, buffer, sizeof(buffer));
        int r;

        if (!force && action_is_running(action, unit))
                return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                "'%s' runs; 'slipway stop %s' stops it, and so does --force", name, name);
        r = container_remove(action->bus, unit, fault);
        if (r >= 0 && !unit->is_transient && unit->source)
                return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                "'%s' has a manifest; to be rid of it, remove '%s' and type 'systemctl "
                                "daemon-reload'",
                                name, unit->source);
        return r;
}

/* Of all that there are, only those of slipway run can be removed. */
static int keep_transient(Action *action) {
        GeneratedUnits kept = {};
        int r = 0;

        for (size_t i = 0; r >= 0 && i < action->units.n; i++)
                if (action->units.units[i].is_transient)
                        r = generated_add(&kept, &action->units.units[i]);
        generated_done(&action->units);
        action->units = kept;
        return r;
}

int verb_rm(int argc, char **argv) {
        AUTO(action_close) Action action = {};
        bool is_all = false, force = false;
        Fault fault = {};
        int key, r;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                switch (key) {

                case 'a':
                        is_all = true;
                        break;

                case 'f':
                        force = true;
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
        r = action_open(&action, ACTION_EVERY, is_all ? NULL : argv + optind, &fault);
        if (r >= 0 && is_all)
                r = keep_transient(&action);
        if (r < 0) {
                report_fault(REPORT_ERROR, &fault);
                return VERB_FAILED;
        }
        return action_each(&action, remove_one, &force);
}
