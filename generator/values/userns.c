/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/userns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

#define MOST_IDS 65536 /* what the launcher sets aside for one container */

static int option_unknown(Fault *fault, const char *mode, const char *option) {
        return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no option '%s' for '%s'", option, mode);
}

static int auto_option(const char *name, const char *number, Fault *fault) {
        uint64_t size;

        if (strcmp(name, "uidmapping") == 0 || strcmp(name, "gidmapping") == 0)
                return value_refuse(fault, "systemd-nspawn maps one range of ids only, without holes");
        if (strcmp(name, "size") != 0)
                return option_unknown(fault, "auto", name);
        if (!number || value_number(number, 1, UINT32_MAX, &size) < 0)
                return value_wrong(fault, number ? number : "", "a number of ids");
        if (size > MOST_IDS)
                return value_refuse(fault, "a container has at most %d ids", MOST_IDS);
        return 0;
}

static int keep_id_option(const char *name, const char *number, Fault *fault) {
        uint64_t id;

        if (strcmp(name, "size") == 0)
                return value_refuse(fault, "how many ids keep-id maps cannot be chosen");
        if (strcmp(name, "uid") != 0 && strcmp(name, "gid") != 0)
                return option_unknown(fault, "keep-id", name);
        if (!number || value_number(number, 0, UINT32_MAX - 1, &id) < 0)
                return value_wrong(fault, number ? number : "", "a user or group id");
        return 0;
}

static int check_options(char *options, int (*check)(const char *, const char *, Fault *), Fault *fault) {
        char *option;

        while ((option = strsep(&options, ","))) {
                char *number = value_cut(option, '=');
                int r;

                if (!*option || (number && value_is_dynamic(number)))
                        continue;
                r = check(option, number, fault);
                if (r < 0)
                        return r;
        }
        return 0;
}

int userns_parse(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text);
        bool is_auto, is_keep_id;
        char *options;
        int r = 0;

        if (!copy)
                return -ENOMEM;
        if (value_begins_dynamic(value->text))
                return value_copy(value->text, ret);

        options = value_cut(copy, ':');
        is_auto = strcmp(copy, "auto") == 0;
        is_keep_id = strcmp(copy, "keep-id") == 0;

        if (strcmp(copy, "nomap") == 0)
                return value_refuse(fault,
                                "systemd-nspawn always maps the ids of a container to some of the host");
        if (strcmp(copy, "ns") == 0 || strcmp(copy, "container") == 0)
                return value_refuse(fault, "systemd-nspawn makes a new user namespace and cannot join one");
        if (strcmp(copy, "private") == 0 && !options)
                return value_copy("auto", ret);
        if (!is_auto && !is_keep_id && strcmp(copy, "host") != 0)
                return value_wrong(fault, value->text,
                                "a user namespace: auto[:size=N], host, or keep-id[:uid=U,gid=G]");
        if (options && !is_auto && !is_keep_id)
                return option_unknown(fault, copy, options);

        if (options)
                r = check_options(options, is_auto ? auto_option : keep_id_option, fault);
        return r < 0 ? r : value_copy(value->text, ret);
}
