/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/kube/quantity.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "lib/cleanup.h"

typedef __int128 Wide;

#define WIDE_MAX ((Wide) INT64_MAX * 1000)

/* What is behind the digits: a power of two or of ten. Return: whether there is such a suffix. */
static bool read_suffix(const char *text, int *ret_two, int *ret_ten) {
        static const struct {
                const char *text;
                int two, ten;
        } known[] = {
                { "", 0, 0 },
                { "n", 0, -9 },
                { "u", 0, -6 },
                { "m", 0, -3 },
                { "k", 0, 3 },
                { "M", 0, 6 },
                { "G", 0, 9 },
                { "T", 0, 12 },
                { "P", 0, 15 },
                { "E", 0, 18 },
                { "Ki", 10, 0 },
                { "Mi", 20, 0 },
                { "Gi", 30, 0 },
                { "Ti", 40, 0 },
                { "Pi", 50, 0 },
                { "Ei", 60, 0 },
        };
        bool is_negative;
        int n = 0;

        *ret_two = *ret_ten = 0;
        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (strcmp(text, known[i].text) == 0) {
                        *ret_two = known[i].two;
                        *ret_ten = known[i].ten;
                        return true;
                }

        if (*text != 'e' && *text != 'E')
                return false;
        text++;
        is_negative = *text == '-';
        text += *text == '-' || *text == '+';
        if (!isdigit((unsigned char) *text))
                return false;
        for (; isdigit((unsigned char) *text); text++)
                n = n < 100 ? n * 10 + (*text - '0') : n;
        *ret_ten = is_negative ? -n : n;
        return !*text;
}

/* Digits as a whole number; @ret_ten is how many of them are behind the point. Those too small to count are
 * left out. */
static int read_digits(const char **text, Wide *ret, int *ret_ten) {
        bool is_behind = false, is_any = false;

        *ret = 0;
        *ret_ten = 0;
        for (; isdigit((unsigned char) **text) || (**text == '.' && !is_behind); (*text)++) {
                if (**text == '.') {
                        is_behind = true;
                        continue;
                }
                is_any = true;
                if (is_behind && *ret_ten >= 12)
                        continue;
                if (*ret > WIDE_MAX)
                        return -ERANGE;
                *ret = *ret * 10 + (**text - '0');
                *ret_ten += is_behind;
        }
        return is_any ? 0 : -EINVAL;
}

int quantity_parse(const char *text, int64_t *ret) {
        bool is_negative = *text == '-';
        int two, ten, behind, r;
        Wide value;

        text += *text == '-' || *text == '+';
        r = read_digits(&text, &value, &behind);
        if (r < 0)
                return r;
        if (!read_suffix(text, &two, &ten))
                return -EINVAL;
        if (is_negative && value > 0)
                return -ERANGE;

        for (; two > 0; two--) {
                if (value > WIDE_MAX * 1000000)
                        return -ERANGE;
                value *= 2;
        }
        for (ten += 3 - behind; ten > 0 && value > 0; ten--) {
                if (value > WIDE_MAX * 1000000)
                        return -ERANGE;
                value *= 10;
        }
        for (; ten < 0 && value > 0; ten++)
                value = value / 10 + (value % 10 > 0);
        if (value > INT64_MAX)
                return -ERANGE;
        *ret = (int64_t) value;
        return 0;
}
