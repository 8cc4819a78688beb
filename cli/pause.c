/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway pause, unpause: freezes all processes of a container's unit, and lets them go on. */

#include <errno.h>
#include <string.h>
#include <syslog.h>
#include <systemd/sd-journal.h>

#include "cli/action.h"
#include "cli/verbs.h"
#include "lib/message-ids.h"

/* For "slipway events": systemd says nothing of it itself. */
static void tell(const GeneratedUnit *unit, MessageId id) {
        char buffer[256];
        const char *name = container_name(unit, buffer, sizeof(buffer));

        (void) sd_journal_send("MESSAGE=%s container %s", id == MESSAGE_PAUSED ? "Paused" : "Resumed", name,
                        "MESSAGE_ID=%s", message_id_to_string(id), "PRIORITY=%d", LOG_INFO,
                        "CONTAINER_NAME=%s", name, "OBJECT_SYSTEMD_UNIT=%s", unit->unit, NULL);
}

static int call(Action *action, const GeneratedUnit *unit, const char *method, const char *verb,
                MessageId id, Fault *fault) {
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
        else
                tell(unit, id);
        return r;
}

static int freeze(Action *action, const GeneratedUnit *unit, void *userdata, Fault *fault) {
        return call(action, unit, "FreezeUnit", "pause", MESSAGE_PAUSED, fault);
}

static int thaw(Action *action, const GeneratedUnit *unit, void *userdata, Fault *fault) {
        return call(action, unit, "ThawUnit", "unpause", MESSAGE_RESUMED, fault);
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
