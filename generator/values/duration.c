/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/duration.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"

#define A_DURATION "a duration: numbers with h, m, s or ms, as 1m30s"

/* clang-format off */
/* In nanoseconds. Longer names first: "m" is also how "ms" begins. */
static const struct {
        const char *name;
        uint64_t length;
} units[] = {
        { "ns",       UINT64_C(1)             },
        { "us",       UINT64_C(1000)          },
        { "\u00b5s",  UINT64_C(1000)          },
        { "\u03bcs",  UINT64_C(1000)          },
        { "ms",       UINT64_C(1000000)       },
        { "s",        UINT64_C(1000000000)    },
        { "m",        UINT64_C(60000000000)   },
        { "h",        UINT64_C(3600000000000) },
};
/* clang-format on */

static uint64_t read_unit(const char **text) {
        for (size_t i = 0; i < ELEMENTS(units); i++) {
                size_t n = strlen(units[i].name);

                if (strncmp(*text, units[i].name, n) == 0) {
                        *text += n;
                        return units[i].length;
                }
        }
        return 0;
}

/* "1.5h" in nanoseconds. Digits of the fraction beyond the sixth are finer than anything here. */
static int read_part(const char **text, uint64_t *ret) {
        uint64_t whole = 0, fraction = 0, scale = 1, unit, sum;
        bool any = false;

        for (; isdigit((unsigned char) **text); (*text)++, any = true)
                if (__builtin_mul_overflow(whole, 10, &whole) ||
                                __builtin_add_overflow(whole, (uint64_t) (**text - '0'), &whole))
                        return -ERANGE;

        if (**text == '.')
                for ((*text)++; isdigit((unsigned char) **text); (*text)++, any = true)
                        if (scale < 1000000) {
                                fraction = fraction * 10 + (uint64_t) (**text - '0');
                                scale *= 10;
                        }

        unit = read_unit(text);
        if (!any || unit == 0)
                return -EINVAL;
        if (__builtin_mul_overflow(whole, unit, &sum) ||
                        __builtin_add_overflow(sum, fraction * unit / scale, &sum))
                return -ERANGE;
        *ret = sum;
        return 0;
}

int duration_from_text(const char *text, uint64_t *ret) {
        uint64_t total = 0, part;

        if (strcmp(text, "0") == 0) {
                *ret = 0;
                return 0;
        }
        if (!*text)
                return -EINVAL;

        while (*text) {
                int r = read_part(&text, &part);

                if (r < 0)
                        return r;
                if (__builtin_add_overflow(total, part, &total))
                        return -ERANGE;
        }
        *ret = total / 1000;
        return 0;
}

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
