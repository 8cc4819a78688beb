/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/log-dropin.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "generator/unit/writer.h"

/*
 * A journal of its own is found without this, see nspawn-glue/journal.h. But who depends on it keeps it,
 * until the last words have been said.
 */
#define NAMESPACE "LogNamespace"

static bool is_repeated(const char *key) {
        static const char *const keys[] = {
                "LogExtraFields",
                "LogFilterPatterns",
                "LogLevelMax",
                NAMESPACE,
                "LogRateLimitBurst",
                "LogRateLimitIntervalSec",
        };

        for (size_t i = 0; i < ELEMENTS(keys); i++)
                if (strcmp(key, keys[i]) == 0)
                        return true;
        return false;
}

/* A specifier would be replaced by what it means to the other unit. */
static bool has_specifier(const char *text) {
        for (; (text = strchr(text, '%')); text += 2)
                if (text[1] != '%')
                        return true;
        return false;
}

int log_dropin_plan(const Manifest *manifest, const char *container, Arena *arena, InstallPlan *ret,
                FaultList *faults) {
        AUTO(unit_done) UnitWriter unit = {};
        size_t n = 0;

        if (!container)
                return 0;
        unit_begin(&unit);
        unit_section(&unit, "Service");
        for (const Assignment *a = NULL; (a = manifest_next(manifest, "Service", a));) {
                Place place = assignment_key_place(a);

                if (!is_repeated(a->key))
                        continue;
                if (has_specifier(container) || has_specifier(a->value)) {
                        if (strcmp(a->key, NAMESPACE) == 0)
                                continue;
                        faults_warn(faults, &place, FAULT_UNSUPPORTED,
                                        "it does not go for what the app writes to /dev/stdout or "
                                        "/dev/stderr by "
                                        "name: that is logged by another unit, in which specifiers mean "
                                        "something "
                                        "else");
                        continue;
                }
                unit_set(&unit, a->key, a->value);
                n++;
        }
        if (n == 0)
                return 0;
        if (unit.error < 0) /* the unit itself has the same line, and its fault */
                return unit.error == -ENOMEM ? -ENOMEM : 0;

        ret->dropin_directory = arena_join(arena, "slipway-stdio@", container, ".service.d");
        ret->dropin_text = arena_string(arena, unit.text);
        return ret->dropin_directory && ret->dropin_text ? 0 : -ENOMEM;
}
