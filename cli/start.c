/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway start, restart: units of containers, and why they do not start. */

#include "cli/action.h"
#include "cli/verbs.h"

static int start(Action *action) {
        return action_run_jobs(action, "StartUnit", "start", UINT64_MAX);
}

static int restart(Action *action) {
        return action_run_jobs(action, "RestartUnit", "restart", UINT64_MAX);
}

int verb_start(int argc, char **argv) {
        return action_main(argc, argv, ACTION_EVERY, start);
}

int verb_restart(int argc, char **argv) {
        return action_main(argc, argv, ACTION_RUNNING, restart);
}
