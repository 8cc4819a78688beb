/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/duration.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "lib/cleanup.h"

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
