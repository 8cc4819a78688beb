/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway pause, unpause: freezes all processes of a container's unit, and lets them go on. */

#include <errno.h>
#include <string.h>

#include "cli/action.h"
#include "cli/verbs.h"

static int call(Action *action, const GeneratedUnit *unit, const char *method, const char *verb,
                Fault *fault) {
        Fault said = {};
        char name[256], what[288];
        int r;

        (void) snprintf(what, sizeof(what), "%s '%s'", verb, container_name(unit, name, sizeof(name)));
        if (!action_is_running(action, unit))
                return fault_raise(fault, FAULT_MISSING, ESRCH, "cannot %s: it does not run", what);
        r = action_call(action, method, unit->unit, what, &said);
        if (r == -EOPNOTSUPP)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "cannot %s: systemd freezes control groups of version 2 only, and here the "
                                "unit has "
                                "one of version 1; 'slipway kill --signal=STOP' stops the app's first "
                                "process",
                                what);
        if (r < 0)
                *fault = said;
        return r;
}

static int freeze(Action *action, const GeneratedUnit *unit, void *userdata, Fault *fault) {
        return call(action, unit, "FreezeUnit", "pause", fault);
}

static int thaw(Action *action, const GeneratedUnit *unit, void *userdata, Fault *fault) {
        return call(action, unit, "ThawUnit", "unpause", fault);
}

static int pause_all(Action *action) {
        return action_each(action, freeze, NULL);
}

static int unpause_all(Action *action) {
        return action_each(action, thaw, NULL);
}

int verb_pause(int argc, char **argv) {
        return action_main(argc, argv, ACTION_RUNNING, pause_all);
}

int verb_unpause(int argc, char **argv) {
        return action_main(argc, argv, ACTION_RUNNING, unpause_all);
}
