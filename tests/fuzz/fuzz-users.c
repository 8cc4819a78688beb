/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Looks up users in what an image has for passwd and group. A line with nothing but "%" is between the
 * texts. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/users.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is before the next separator; the rest is left in @rest. */
static char *cut(char **rest) {
        char *text = *rest, *end = strstr(text, "%\n");

        *rest = end ? end + 2 : text + strlen(text);
        if (end)
                *end = '\0';
        return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autofree char *copy = NULL;
        char *rest, *spec, *passwd, *group;
        Fault fault = {};
        User user;

        if (size > 65536)
                return 0;
        copy = rest = strndup((const char *) data, size);
        if (!copy)
                return 0;
        spec = cut(&rest);
        passwd = cut(&rest);
        group = cut(&rest);

        if (users_resolve(passwd, group, spec, (char *[]){ spec, NULL }, &user, &fault) < 0)
                return 0;
        assert(user.uid <= INT32_MAX && user.gid <= INT32_MAX);
        assert(user.n_groups >= 1 && user.n_groups <= USERS_GROUPS_MAX);
        assert(*user.home);
        return 0;
}
