/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/cpu.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HUNDREDTHS 10000 /* of a percent, in one processor */

int cpu_parse_quota(Value *value, int64_t *ret, Fault *fault) {
        const char *text = value->text;
        int64_t quota = 0, digit = HUNDREDTHS;
        bool any = false;

        for (; isdigit((unsigned char) *text) && quota < INT32_MAX; text++, any = true)
                quota = quota * 10 + (*text - '0') * HUNDREDTHS;
        if (*text == '.')
                for (text++; isdigit((unsigned char) *text); text++, any = true) {
                        digit /= 10;
                        quota += (*text - '0') * digit;
                }

        if (!any || *text || quota == 0)
                return value_wrong(fault, value->text, "a number of processors, as 1.5");
        *ret = quota;
        return 0;
}

/* As systemd itself turns CPUShares= into CPUWeight=: 1024 is 100. */
int cpu_parse_shares(Value *value, int64_t *ret, Fault *fault) {
        uint64_t shares;

        if (value_number(value->text, 2, 262144, &shares) < 0)
                return value_wrong(fault, value->text, "a number of shares, from 2 to 262144");
        shares = shares * 100 / 1024;
        *ret = shares < 1 ? 1 : shares > 10000 ? 10000 : (int64_t) shares;
        return 0;
}

int cpu_parse_weight(Value *value, int64_t *ret, Fault *fault) {
        uint64_t weight;

        if (value_number(value->text, 1, 10000, &weight) < 0)
                return value_wrong(fault, value->text, "a weight, from 1 to 10000");
        *ret = (int64_t) weight;
        return 0;
}

int cpu_parse_oom_score(Value *value, char **ret, Fault *fault) {
        uint64_t score;

        if (value_number(value->text + (*value->text == '-'), 0, 1000, &score) < 0)
                return value_wrong(fault, value->text, "a score, from -1000 to 1000");
        return value_copy(value->text, ret);
}
