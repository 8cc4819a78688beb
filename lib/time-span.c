/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/time-span.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"

/* clang-format off */
static const struct {
        const char *name;
        uint64_t usec;
} units[] = {
        { "us", 1 }, { "usec", 1 }, { "µs", 1 },
        { "ms", 1000 }, { "msec", 1000 },
        { "", 1000000 }, { "s", 1000000 }, { "sec", 1000000 }, { "second", 1000000 }, { "seconds", 1000000 },
        { "m", 60000000 }, { "min", 60000000 }, { "minute", 60000000 }, { "minutes", 60000000 },
        { "h", 3600000000 }, { "hr", 3600000000 }, { "hour", 3600000000 }, { "hours", 3600000000 },
        { "d", 86400000000 }, { "day", 86400000000 }, { "days", 86400000000 },
        { "w", 604800000000 }, { "week", 604800000000 }, { "weeks", 604800000000 },
        { "M", 2629800000000 }, { "month", 2629800000000 }, { "months", 2629800000000 },
        { "y", 31557600000000 }, { "year", 31557600000000 }, { "years", 31557600000000 },
};
/* clang-format on */

static uint64_t find_unit(const char *text, size_t n) {
        for (size_t i = 0; i < ELEMENTS(units); i++)
                if (strlen(units[i].name) == n && memcmp(units[i].name, text, n) == 0)
                        return units[i].usec;
        return 0;
}

static const char *skip_blanks(const char *text) {
        return text + strspn(text, " \t");
}

/* A number, maybe with a fraction, and its unit. Return: what is behind it, NULL when it is none. */
static const char *read_part(const char *text, uint64_t *sum) {
        const char *fraction = "";
        uint64_t whole = 0, usec;
        size_t n;

        if (!isdigit((unsigned char) *text))
                return NULL;
        for (; isdigit((unsigned char) *text); text++)
                if (__builtin_mul_overflow(whole, 10, &whole) ||
                                __builtin_add_overflow(whole, (uint64_t) (*text - '0'), &whole))
                        return NULL;
        if (*text == '.' && isdigit((unsigned char) text[1])) {
                fraction = text + 1;
                text = fraction + strspn(fraction, "0123456789");
        }

        text = skip_blanks(text);
        n = strcspn(text, " \t0123456789.");
        usec = find_unit(text, n);
        if (usec == 0 || __builtin_mul_overflow(whole, usec, &whole) ||
                        __builtin_add_overflow(*sum, whole, sum))
                return NULL;
        /* Digit by digit, as all of them at once may be too many for a year. */
        for (usec /= 10; isdigit((unsigned char) *fraction); fraction++, usec /= 10)
                if (__builtin_add_overflow(*sum, usec * (uint64_t) (*fraction - '0'), sum))
                        return NULL;
        return skip_blanks(text + n);
}

int time_span_parse(const char *text, uint64_t *ret) {
        uint64_t sum = 0;

        text = skip_blanks(text);
        if (strcmp(text, "infinity") == 0) {
                *ret = UINT64_MAX;
                return 0;
        }
        do {
                text = read_part(text, &sum);
                if (!text)
                        return -EINVAL;
        } while (*text);
        *ret = sum;
        return 0;
}
