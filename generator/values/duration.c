/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/duration.h"

#include <string.h>

#include "lib/duration.h"

#define A_DURATION "a duration: numbers with h, m, s or ms, as 1m30s"

int duration_parse(Value *value, char **ret, Fault *fault) {
        uint64_t usec;

        if (!value_is_dynamic(value->text) && duration_from_text(value->text, &usec) < 0)
                return value_wrong(fault, value->text, A_DURATION);
        return value_copy(value->text, ret);
}

int duration_parse_or_disable(Value *value, char **ret, Fault *fault) {
        if (strcmp(value->text, "disable") == 0)
                return value_copy(value->text, ret);
        return duration_parse(value, ret, fault);
}

/*
 * "0" asks for SIGKILL without delay, and means "wait for ever" to systemd. One
 * second is the shortest time that leaves it room to see the processes end.
 */
int duration_parse_stop(Value *value, char **ret, Fault *fault) {
        uint64_t seconds;

        if (strcmp(value->text, "-1") == 0)
                return value_copy("infinity", ret);
        if (value_number(value->text, 0, INT32_MAX, &seconds) < 0)
                return value_wrong(fault, value->text, "a number of seconds, or -1 to wait for ever");
        return value_printf(ret, "%llus", (unsigned long long) (seconds > 0 ? seconds : 1));
}
