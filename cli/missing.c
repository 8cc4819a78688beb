/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/missing.h"

#include <string.h>

#include "cli/container.h"

static int explain(const GeneratedUnit *unit, const char *name, Fault *fault) {
        if (unit->fault)
                return fault_raise(fault, FAULT_MISSING, ESRCH,
                                "the container '%s' cannot be started, its manifest has a mistake: %s", name,
                                unit->fault);
        return fault_raise(fault, FAULT_MISSING, ESRCH,
                        "the container '%s' is not running; 'systemctl start %s' starts it, and 'systemctl "
                        "status "
                        "%s' tells why it has ended",
                        name, unit->unit, unit->unit);
}

int missing_find(const char *name, char *const *argv, char **ret, Fault *fault) {
        AUTO(generated_done) GeneratedUnits units = {};
        AUTO(generated_unit_done) GeneratedUnit unit = {};
        char buffer[256];
        const char *container;
        int r;

        r = containers_read(false, &units, fault);
        if (r >= 0)
                r = container_find(&units, name, &unit, fault);
        if (r < 0)
                return r;
        container = container_name(&unit, buffer, sizeof(buffer));
        if (strcmp(container, name) == 0)
                return explain(&unit, name, fault);
        *ret = strdup(container);
        return *ret ? 0 : -ENOMEM;
}
