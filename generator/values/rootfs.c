/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/rootfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

/* idmap changes nothing: the owners of a root directory are always mapped, and never rewritten. */
int rootfs_parse(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text), *path = NULL;
        bool overlay = false;
        char *option, *rest;

        if (!copy)
                return -ENOMEM;

        rest = value_find_colon(copy);
        if (rest)
                *rest++ = '\0';
        while ((option = strsep(&rest, ":,"))) {
                if (strcmp(option, "O") == 0)
                        overlay = true;
                else if (strncmp(option, "idmap=", 6) == 0)
                        return value_refuse(
                                        fault, "systemd-nspawn maps one range of ids only, without holes");
                else if (*option && strcmp(option, "idmap") != 0)
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "there is no option '%s' for it: O or idmap", option);
        }

        if (*copy != '/' && *copy != '.' && !value_begins_dynamic(copy))
                return value_wrong(
                                fault, copy, "a directory: an absolute path, or one that begins with '.'");
        if (value_resolve(copy, value->directory, &path) < 0)
                return -ENOMEM;
        return value_printf(ret, "%s%s", path, overlay ? ":O" : "");
}
