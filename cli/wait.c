/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway wait: until containers have ended; prints their exit statuses. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/action.h"
#include "cli/container.h"
#include "cli/end-status.h"
#include "cli/verbs.h"
#include "cli/watch.h"
#include "lib/report.h"

static int wait_one(Action *action, const GeneratedUnit *unit, void *userdata, Fault *fault) {
        AUTO(unit_watch_close) UnitWatch watch = {};
        char name[256];
        int r = unit_watch_open(&watch, action->bus, unit->unit, fault);

        if (r < 0)
                return r;
        /* From here on every change is seen. What is asked is newer than what has been said by now. */
        unit_report_read(action->bus, unit->unit, &watch.report);
        while (r >= 0 && watch.report.is_known && !unit_watch_is_over(&watch)) {
                r = sd_bus_process(action->bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(action->bus, UINT64_MAX);
                if (r == -EINTR)
                        r = 0;
        }
        if (r < 0)
                return fault_wrap(fault, r, "cannot wait for '%s'", unit->unit);
        printf("%d\n", end_status(container_name(unit, name, sizeof(name)), &watch.report));
        return 0;
}

static int wait_all(Action *action) {
        return action_each(action, wait_one, NULL);
}

int verb_wait(int argc, char **argv) {
        return action_main(argc, argv, ACTION_RUNNING, wait_all);
}
