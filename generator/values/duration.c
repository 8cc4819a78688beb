/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/duration.h"

#include <string.h>

#include "lib/duration.h"
#include "lib/time-span.h"

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

/* Nobody means that a container is to stop before it has answered. "infinity" is as if it were not there. */
int duration_parse_idle(Value *value, char **ret, Fault *fault) {
        uint64_t usec;

        if (time_span_parse(value->text, &usec) < 0)
                return value_wrong(fault, value->text, "a time span as in systemd.time(7): 5min, 90s");
        if (usec == UINT64_MAX)
                return 0;
        if (usec < 100000 || usec / 1000 > INT32_MAX)
                return value_wrong(fault, value->text, "a time span from 100ms to 24 days, or 'infinity'");
        return value_printf(ret, "%llu.%03llu", (unsigned long long) (usec / 1000000),
                        (unsigned long long) (usec / 1000 % 1000));
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
