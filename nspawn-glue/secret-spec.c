/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/secret-spec.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cleanup.h"

/* What was read so far; @target is as it was written. */
typedef struct Reading {
        SecretSpec spec;
        const char *target;
        bool has_owner;
} Reading;

static int read_number(const char *text, int base, unsigned long limit, uint32_t *ret) {
        unsigned long n;
        char *end;

        if (*text < '0' || *text > '9')
                return -EINVAL;
        errno = 0;
        n = strtoul(text, &end, base);
        if (errno != 0 || *end || n > limit)
                return -EINVAL;
        *ret = (uint32_t) n;
        return 0;
}

static int take_type(Reading *reading, const char *text) {
        reading->spec.is_env = strcmp(text, "env") == 0;
        return reading->spec.is_env || strcmp(text, "mount") == 0 ? 0 : -EINVAL;
}

static int take_target(Reading *reading, const char *text) {
        reading->target = text;
        return *text ? 0 : -EINVAL;
}

static int take_uid(Reading *reading, const char *text) {
        reading->has_owner = true;
        return read_number(text, 10, UINT32_MAX - 1, &reading->spec.uid);
}

static int take_gid(Reading *reading, const char *text) {
        reading->has_owner = true;
        return read_number(text, 10, UINT32_MAX - 1, &reading->spec.gid);
}

static int take_mode(Reading *reading, const char *text) {
        reading->has_owner = true;
        return read_number(text, 8, 07777, &reading->spec.mode);
}

static const struct {
        const char *name;
        int (*take)(Reading *reading, const char *text);
} options[] = {
        { "gid", take_gid },
        { "mode", take_mode },
        { "target", take_target },
        { "type", take_type },
        { "uid", take_uid },
};

static int take_option(Reading *reading, char *option, Fault *fault) {
        char *value = strchr(option, '=');

        for (size_t i = 0; value && i < ELEMENTS(options); i++)
                if (strlen(options[i].name) == (size_t) (value - option) &&
                                memcmp(options[i].name, option, (size_t) (value - option)) == 0)
                        return options[i].take(reading, value + 1) >= 0
                                               ? 0
                                               : fault_raise(fault, FAULT_VALUE, EINVAL,
                                                                 "'%s' is no %s of a secret", value + 1,
                                                                 options[i].name);
        return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no option '%s' of a secret", option);
}

/* Without the components that make one path of two: "", "." and "..". */
static bool is_path(const char *target) {
        for (target += *target == '/'; target;
                        target = strchr(target, '/') ? strchr(target, '/') + 1 : NULL) {
                size_t n = strcspn(target, "/");

                if (n == 0 || (n == 1 && *target == '.') || (n == 2 && memcmp(target, "..", 2) == 0))
                        return false;
        }
        return true;
}

static int choose_target(Reading *reading, Fault *fault) {
        SecretSpec *spec = &reading->spec;
        const char *target = reading->target ?: spec->name;
        int n;

        if (spec->is_env && reading->has_owner)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "uid, gid and mode are for files, not for type=env");
        if (spec->is_env && strchr(target, '='))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is no name of a variable", target);
        if (!spec->is_env && !is_path(target))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is no path of a file", target);

        if (spec->is_env || *target == '/')
                n = asprintf(&spec->target, "%s", target);
        else
                n = asprintf(&spec->target, SECRETS_DIR "/%s", target);
        if (n < 0) {
                spec->target = NULL;
                return -ENOMEM;
        }
        return 0;
}

static int take_options(Reading *reading, char *rest, Fault *fault) {
        char *option;
        int r = 0;

        while (r >= 0 && (option = strsep(&rest, ",")))
                r = *option ? take_option(reading, option, fault) : 0;
        return r < 0 ? r : choose_target(reading, fault);
}

int secret_spec_parse(const char *text, SecretSpec *ret, Fault *fault) {
        Reading reading = { .spec = { .mode = 0444 } };
        autofree char *copy = strdup(text);
        char *rest = copy;
        const char *name;
        int r;

        if (!copy)
                return -ENOMEM;
        name = strsep(&rest, ",");
        if (!secret_name_is_valid(name))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' is not the name of a secret: letters, digits, '_', '.' and '-'", name);
        (void) snprintf(reading.spec.name, sizeof(reading.spec.name), "%s", name);
        r = take_options(&reading, rest, fault);
        if (r >= 0)
                *ret = reading.spec;
        return r;
}

/* "secret/NAME/KEY" */
static int take_key(Reading *reading, char *key, Fault *fault) {
        const char *kind = strsep(&key, "/"), *object = strsep(&key, "/");

        reading->spec.is_config_map = strcmp(kind, "configmap") == 0;
        if ((!reading->spec.is_config_map && strcmp(kind, "secret") != 0) || !object || !*object || !key ||
                        !*key || strlen(key) > SECRET_NAME_MAX || strchr(key, '/'))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "there is no secret/NAME/KEY or configmap/NAME/KEY at the beginning");
        (void) snprintf(reading->spec.name, sizeof(reading->spec.name), "%s", key);
        reading->spec.object = strdup(object);
        return reading->spec.object ? 0 : -ENOMEM;
}

int yaml_secret_spec_parse(const char *text, SecretSpec *ret, Fault *fault) {
        AUTO(secret_spec_done) SecretSpec unused = {};
        Reading reading = { .spec = { .mode = 0444 } };
        autofree char *copy = strdup(text);
        char *file = copy ? strstr(copy, ",file=/") : NULL, *rest = copy;
        int r;

        if (!copy)
                return -ENOMEM;
        if (!file)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "there is no ',file=' with an absolute path at the end");
        *file = '\0';
        r = take_key(&reading, strsep(&rest, ","), fault);
        if (r >= 0) {
                reading.spec.file = strdup(file + strlen(",file="));
                r = reading.spec.file ? take_options(&reading, rest, fault) : -ENOMEM;
        }
        if (r >= 0)
                *ret = reading.spec;
        else
                unused = reading.spec;
        return r;
}

void secret_spec_done(SecretSpec *spec) {
        free(spec->target);
        free(spec->file);
        free(spec->object);
        *spec = (SecretSpec){};
}
