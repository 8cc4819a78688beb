/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/secret.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/credentials.h"

static int check_option(char *option, bool *is_env, bool *has_owner, Fault *fault) {
        char *value = value_cut(option, '=');
        uint64_t id;

        if (!value)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is not an option: NAME=VALUE", option);
        if (value_is_dynamic(value))
                return 0;

        if (strcmp(option, "type") == 0) {
                *is_env = strcmp(value, "env") == 0;
                return *is_env || strcmp(value, "mount") == 0
                                       ? 0
                                       : value_wrong(fault, value, "a type: mount or env");
        }
        if (strcmp(option, "target") == 0)
                return *value ? 0
                              : fault_raise(fault, FAULT_VALUE, EINVAL, "there is no name behind 'target='");

        *has_owner = true;
        if (strcmp(option, "mode") == 0)
                return *value && strlen(value) <= 5 && strspn(value, "01234567") == strlen(value)
                                       ? 0
                                       : value_wrong(fault, value, "a mode in octal digits");
        if (strcmp(option, "uid") == 0 || strcmp(option, "gid") == 0)
                return value_number(value, 0, UINT32_MAX - 1, &id) == 0
                                       ? 0
                                       : value_wrong(fault, value, "a user or group id");

        return fault_raise(fault, FAULT_VALUE, EINVAL,
                        "there is no option '%s' for it: type, target, uid, gid or mode", option);
}

/* It goes into a line of the unit where specifiers are replaced, and variables are not. */
static int check_name(const char *name, Fault *fault) {
        static const char characters[] =
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-%";

        if (strchr(name, '$'))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' has a variable, which is not replaced in the name of a secret; a "
                                "specifier as %%i is",
                                name);
        if (value_is_dynamic(name) ? name[strspn(name, characters)] != '\0' : !secret_name_is_valid(name))
                return value_wrong(fault, name, "the name of a secret: letters, digits, '_', '.' and '-'");
        return 0;
}

static int check_options(char *rest, Fault *fault) {
        bool is_env = false, has_owner = false;
        char *option;
        int r = 0;

        while (r >= 0 && (option = strsep(&rest, ",")))
                r = *option ? check_option(option, &is_env, &has_owner, fault) : 0;
        if (r < 0)
                return r;
        if (is_env && has_owner)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "uid, gid and mode are for files, not for type=env");
        return 0;
}

int secret_parse(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text);
        char *rest = copy;
        int r;

        if (!copy)
                return -ENOMEM;
        r = check_name(strsep(&rest, ","), fault);
        if (r >= 0)
                r = check_options(rest, fault);
        return r < 0 ? r : value_copy(value->text, ret);
}

/* "secret/NAME/KEY" */
static int check_key(char *key, Fault *fault) {
        static const char characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
        static const char *const kinds[] = { "secret", "configmap", NULL };
        const char *kind = strsep(&key, "/"), *object = strsep(&key, "/");

        if (!value_is_one_of(kind, kinds) || !object || !*object || !key || !*key ||
                        strlen(key) > SECRET_NAME_MAX || object[strspn(object, characters)] ||
                        key[strspn(key, characters)])
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "it does not begin with secret/NAME/KEY or configmap/NAME/KEY");
        return 0;
}

int secret_parse_yaml(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text), *file = NULL;
        char *path = copy ? strstr(copy, ",file=") : NULL, *rest = copy;
        int r;

        if (!copy)
                return -ENOMEM;
        if (!path || !path[6])
                return fault_raise(fault, FAULT_VALUE, EINVAL, "it does not end with ',file=' and a path");
        *path = '\0';
        r = value_resolve(path + 6, value->directory, &file);
        if (r >= 0)
                r = check_key(strsep(&rest, ","), fault);
        if (r >= 0)
                r = check_options(rest, fault);
        return r < 0 ? r : value_printf(ret, "%.*s,file=%s", (int) (path - copy), value->text, file);
}
