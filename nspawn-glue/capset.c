/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/capset.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

#include "lib/capability.h"

static uint64_t all_known(void) {
        uint64_t set = 0;

        for (int i = 0; capability_to_name(i); i++)
                set |= CAPABILITY_BIT(i);
        return set;
}

static int read_names(char *const *names, uint64_t *ret, bool *ret_all, Fault *fault) {
        *ret = 0;
        *ret_all = false;
        for (; names && *names; names++) {
                int number = capability_from_name(*names);

                if (capability_is_all(*names))
                        *ret_all = true;
                else if (number < 0)
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "no such capability: '%s'", *names);
                else
                        *ret |= CAPABILITY_BIT(number);
        }
        return 0;
}

int capset_make(char *const *add, char *const *drop, uint64_t *ret_bounding, uint64_t *ret_ambient,
                Fault *fault) {
        uint64_t added, dropped, set;
        bool add_all, drop_all;
        int r;

        r = read_names(add, &added, &add_all, fault);
        if (r >= 0)
                r = read_names(drop, &dropped, &drop_all, fault);
        if (r < 0)
                return r;
        if (add_all && drop_all)
                return fault_raise(fault, FAULT_CONFLICT, EINVAL,
                                "all capabilities are added and dropped at once");
        if (added & dropped)
                return fault_raise(fault, FAULT_CONFLICT, EINVAL,
                                "capability '%s' is added and dropped at once",
                                capability_to_name(__builtin_ctzll(added & dropped)));

        if (add_all)
                set = all_known() & ~dropped;
        else if (drop_all)
                set = added;
        else
                set = (capability_default_set() & ~dropped) | added;

        *ret_bounding = set;
        *ret_ambient = add_all ? set : added;
        return 0;
}
