/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/env.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/cleanup.h"

/* Blanks would make a name that no shell can speak of; the rest is the application's business. */
static bool is_variable(const char *text, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (isspace((unsigned char) text[i]) || iscntrl((unsigned char) text[i]))
                        return false;
        return n > 0;
}

int env_parse(Value *value, char **ret, Fault *fault) {
        if (!is_variable(value->text, strcspn(value->text, "=")))
                return value_wrong(fault, value->text,
                                "a variable: NAME=VALUE, or NAME or NAME* to import from the unit's "
                                "environment");
        return value_copy(value->text, ret);
}

int env_parse_file(Value *value, char **ret, Fault *fault) {
        bool is_optional = *value->text == '-';
        autofree char *path = NULL;
        int r;

        if (!value->text[is_optional])
                return value_wrong(fault, value->text, "the path of a file");
        r = value_resolve(value->text + is_optional, value->directory, &path);
        return r < 0 ? r : value_printf(ret, "%s%s", is_optional ? "-" : "", path);
}

int label_parse(Value *value, char **ret, Fault *fault) {
        const char *equals = strchr(value->text, '=');

        if (*value->text == '=' || !*value->text)
                return value_wrong(fault, value->text, "a label: NAME=VALUE");
        return value_printf(ret, "%s%s", value->text, equals ? "" : "=");
}

/* What a namespace holds, so that no other container and not the host is changed. */
static bool is_namespaced(const char *key, size_t n) {
        static const char *const keys[] = { "kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem",
                "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
                "kernel.domainname" };

        if (n > 4 && strncmp(key, "net.", 4) == 0)
                return true;
        if (n > 10 && strncmp(key, "fs.mqueue.", 10) == 0)
                return true;
        for (size_t i = 0; i < ELEMENTS(keys); i++)
                if (strlen(keys[i]) == n && strncmp(key, keys[i], n) == 0)
                        return true;
        return false;
}

int sysctl_parse(Value *value, char **ret, Fault *fault) {
        size_t n = strcspn(value->text, "=");

        if (n == 0 || !value->text[n])
                return value_wrong(fault, value->text, "a kernel setting: KEY=VALUE");
        if (value_is_dynamic_part(value->text, n))
                return value_copy(value->text, ret);
        if (strspn(value->text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-/") < n ||
                        strstr(value->text, ".."))
                return value_wrong(fault, value->text,
                                "a kernel setting: KEY=VALUE, as net.core.somaxconn=1024");
        if (!is_namespaced(value->text, n))
                return value_refuse(fault,
                                "'%.*s' is not a container's own but the whole machine's; see sysctl.d(5)",
                                (int) n, value->text);
        return value_copy(value->text, ret);
}
