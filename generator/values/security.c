/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/security.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "lib/cleanup.h"

int seccomp_parse(Value *value, char **ret, Fault *fault) {
        if (strcmp(value->text, "unconfined") == 0)
                return value_copy(value->text, ret);
        if (*value->text != '/' && *value->text != '.' && !value_begins_dynamic(value->text))
                return value_wrong(fault, value->text,
                                "a seccomp profile: an absolute path, one that begins with '.', or "
                                "unconfined");
        return value_resolve(value->text, value->directory, ret);
}

int apparmor_parse(Value *value, char **ret, Fault *fault) {
        value->is_harmless = strcmp(value->text, "unconfined") == 0;
        return value_copy(value->text, ret);
}

int mask_parse(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text);
        char *rest = copy, *path;

        if (!copy)
                return -ENOMEM;
        while ((path = strsep(&rest, ":")))
                if (*path != '/' && !value_begins_dynamic(path))
                        return value_wrong(fault, path, "an absolute path in the container");
        return value_copy(value->text, ret);
}

int unmask_parse(Value *value, char **ret, Fault *fault) {
        if (strcasecmp(value->text, "all") == 0)
                return value_copy("ALL", ret);
        return mask_parse(value, ret, fault);
}

int selinux_parse(Value *value, char **ret, Fault *fault) {
        for (const char *at = value->text; *at; at++)
                if (!isalnum((unsigned char) *at) && !strchr("_.:,-%${}", *at))
                        return value_wrong(fault, value->text, "a part of an SELinux context");
        return value_copy(value->text, ret);
}
