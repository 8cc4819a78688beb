/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/size.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"

/* How far to shift for the unit that @text is, the whole of it; -EINVAL when it is none. */
static int shift_from_unit(const char *text) {
        static const char units[] = "bkmgtp";
        const char *unit;

        if (!*text)
                return 0;

        unit = strchr(units, tolower((unsigned char) *text));
        if (!unit)
                return -EINVAL;

        text++;
        if (*text && (unit == units || (strcasecmp(text, "b") != 0 && strcasecmp(text, "ib") != 0)))
                return -EINVAL;
        return (int) (unit - units) * 10;
}

int size_from_text(const char *text, uint64_t *ret) {
        uint64_t whole = 0, fraction = 0, scale = 1, size, more;
        int shift;

        if (!isdigit((unsigned char) *text))
                return -EINVAL;

        for (; isdigit((unsigned char) *text); text++)
                if (__builtin_mul_overflow(whole, 10, &whole) ||
                                __builtin_add_overflow(whole, (uint64_t) (*text - '0'), &whole))
                        return -ERANGE;

        if (*text == '.') {
                if (!isdigit((unsigned char) *++text))
                        return -EINVAL;
                /* Three digits matter, the rest is finer than anybody means. */
                for (; isdigit((unsigned char) *text); text++)
                        if (scale < 1000) {
                                fraction = fraction * 10 + (uint64_t) (*text - '0');
                                scale *= 10;
                        }
        }

        shift = shift_from_unit(text);
        if (shift < 0)
                return -EINVAL;

        more = (fraction << shift) / scale;
        if (__builtin_mul_overflow(whole, UINT64_C(1) << shift, &size) ||
                        __builtin_add_overflow(size, more, &size))
                return -ERANGE;

        *ret = size;
        return 0;
}

double size_unit(uint64_t bytes, const char **ret_name) {
        static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
        double scale = 1;
        size_t i = 0;

        for (; (double) bytes / scale >= 999.95 && i + 1 < ELEMENTS(names); i++)
                scale *= 1024;
        *ret_name = names[i];
        return scale;
}

SizeText size_to_text(uint64_t bytes) {
        const char *name;
        double scale = size_unit(bytes, &name);
        SizeText size;

        (void) snprintf(size.text, sizeof(size.text), "%.*f %s", scale > 1, (double) bytes / scale, name);
        return size;
}
