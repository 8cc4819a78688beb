/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/ulimit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/rlimits.h"

/* Unlimited is the highest of all. */
static int parse_limit(const char *text, uint64_t *ret, Fault *fault) {
        if (strcmp(text, "-1") == 0 || strcmp(text, "unlimited") == 0) {
                *ret = UINT64_MAX;
                return 0;
        }
        if (value_number(text, 0, UINT64_MAX - 1, ret) < 0)
                return value_wrong(fault, text, "a limit: a number, or -1 for none");
        return 0;
}

int ulimit_parse(Value *value, char **ret, Fault *fault) {
        autofree char *copy = NULL;
        uint64_t soft, hard;
        char *first, *second;
        int resource, r;

        if (strcmp(value->text, "host") == 0 || value_is_dynamic(value->text))
                return value_copy(value->text, ret);

        copy = strdup(value->text);
        if (!copy)
                return -ENOMEM;
        first = value_cut(copy, '=');
        if (!first)
                return value_wrong(fault, value->text, "a limit: NAME=SOFT[:HARD], or 'host'");

        resource = rlimit_from_name(copy);
        if (resource < 0)
                return value_wrong(fault, copy, "a resource of setrlimit(2), as nofile or core");

        second = value_cut(first, ':');
        r = parse_limit(first, &soft, fault);
        if (r < 0)
                return r;
        hard = soft;
        if (second)
                r = parse_limit(second, &hard, fault);
        if (r < 0)
                return r;
        if (soft > hard)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "the soft limit '%s' is above the hard limit '%s'", first, second);

        if (!second || hard == soft)
                return value_printf(ret, "%s=%lld", rlimit_to_name(resource), (long long) soft);
        return value_printf(
                        ret, "%s=%lld:%lld", rlimit_to_name(resource), (long long) soft, (long long) hard);
}
