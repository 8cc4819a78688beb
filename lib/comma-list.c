/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/comma-list.h"

#include <string.h>

bool comma_list_has(const char *list, const char *name) {
        size_t n = strlen(name);

        for (; list; list = strchr(list, ',')) {
                list += *list == ',';
                if (strncmp(list, name, n) == 0 && strchr(",=", list[n]))
                        return true;
        }
        return false;
}
