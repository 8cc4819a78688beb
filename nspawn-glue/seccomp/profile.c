/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/seccomp/profile.h"

#include <linux/seccomp.h>
#include <string.h>

#include "lib/capability.h"
#include "lib/strv.h"
#include "nspawn-glue/seccomp/json.h"

enum {
        HIGHEST_ERRNO = 4094, /* of libseccomp; the kernel's own are far below */
        HIGHEST_DATA = 0xffff,
};

/* Without their prefix SCMP_ACT_. */
static const struct {
        const char *name;
        SeccompAct act;
} actions[] = {
        { "ALLOW", SECCOMP_ACT_ALLOW },
        { "ERRNO", SECCOMP_ACT_ERRNO },
        { "KILL", SECCOMP_ACT_KILL_THREAD },
        { "KILL_PROCESS", SECCOMP_ACT_KILL_PROCESS },
        { "KILL_THREAD", SECCOMP_ACT_KILL_THREAD },
        { "LOG", SECCOMP_ACT_LOG },
        { "TRACE", SECCOMP_ACT_TRACE },
        { "TRAP", SECCOMP_ACT_TRAP },
};

/* Without their prefix SCMP_CMP_, at the place of their value. */
static const char *const compares[_SECCOMP_COMPARE_MAX] = {
        [SECCOMP_NE] = "NE",
        [SECCOMP_LT] = "LT",
        [SECCOMP_LE] = "LE",
        [SECCOMP_EQ] = "EQ",
        [SECCOMP_GE] = "GE",
        [SECCOMP_GT] = "GT",
        [SECCOMP_MASKED_EQ] = "MASKED_EQ",
};

static const struct {
        const char *name;
        unsigned flag;
} flags[] = {
        { "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG },
        { "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW },
        { "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC },
        { "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", 1u << 5 }, /* since Linux 5.19 */
};

/* Return: what follows the prefix, or NULL. */
static const char *after(const char *word, const char *prefix) {
        size_t n = strlen(prefix);

        return strncmp(word, prefix, n) == 0 ? word + n : NULL;
}

static int find_action(const JsonPlace *place, const char *key, const char *word, SeccompAct *ret) {
        const JsonPlace at = { .parent = place, .key = key, .fault = place->fault };
        const char *name = after(word, "SCMP_ACT_");

        for (size_t i = 0; name && i < ELEMENTS(actions); i++)
                if (strcmp(actions[i].name, name) == 0) {
                        *ret = actions[i].act;
                        return 0;
                }

        if (name && strcmp(name, "NOTIFY") == 0)
                return json_fail(&at, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "is not supported: SCMP_ACT_NOTIFY needs a process beside the container "
                                "that "
                                "answers each call, and there is none");
        return json_fail(&at, FAULT_VALUE, EINVAL, "is '%s', which is no action", word);
}

/* Podman names errors (ENOSYS), and what is named wins over the number beside it. */
static int find_errno(const JsonPlace *place, const char *key, const char *word, uint64_t *ret) {
        const JsonPlace at = { .parent = place, .key = key, .fault = place->fault };

        for (int i = 1; i < 200; i++) {
                const char *name = strerrorname_np(i);

                if (name && strcmp(name, word) == 0) {
                        *ret = (uint64_t) i;
                        return 0;
                }
        }
        return json_fail(&at, FAULT_VALUE, EINVAL, "is '%s', which is no error", word);
}

/* The four keys that make an action, which have other names at the top and in a rule. */
typedef struct ActionKeys {
        const char *action, *number, *name;
} ActionKeys;

static int read_action(
                const JsonPlace *place, const json_t *object, const ActionKeys *keys, SeccompAction *ret) {
        const JsonPlace at = { .parent = place, .key = keys->number, .fault = place->fault };
        const char *word = NULL, *error_name = NULL;
        uint64_t data = EPERM;
        bool has_data;
        int r;

        r = json_get_string(place, object, keys->action, &word);
        if (r < 0)
                return r;
        r = find_action(place, keys->action, word, &ret->act);
        if (r < 0)
                return r;

        r = json_get_number(place, object, keys->number, HIGHEST_DATA, &data);
        if (r < 0 && r != -ENOENT)
                return r;
        has_data = r >= 0;
        r = json_get_string(place, object, keys->name, &error_name);
        if (r >= 0 && *error_name)
                r = find_errno(place, keys->name, error_name, &data);
        if (r < 0 && r != -ENOENT)
                return r;
        has_data = has_data || (error_name && *error_name);

        if (ret->act != SECCOMP_ACT_ERRNO && ret->act != SECCOMP_ACT_TRACE) {
                ret->data = 0;
                return has_data ? json_fail(&at, FAULT_VALUE, EINVAL, "makes no sense with %s", word) : 0;
        }
        if (ret->act == SECCOMP_ACT_ERRNO && data > HIGHEST_ERRNO)
                return json_fail(&at, FAULT_VALUE, EINVAL, "is no error: they end at %d", HIGHEST_ERRNO);
        ret->data = (unsigned) data;
        return 0;
}

static int read_arg(const JsonPlace *place, const json_t *element, void *into) {
        SeccompRule *rule = into;
        SeccompArg arg = {};
        const char *word = "";
        const char *name;
        uint64_t index = 0;
        int r;

        if (rule->n_args == SECCOMP_MOST_ARGS)
                return json_fail(place, FAULT_VALUE, E2BIG, "is too much: a rule has at most %d arguments",
                                SECCOMP_MOST_ARGS);

        r = json_get_number(place, element, "index", 5, &index);
        if (r >= 0 || r == -ENOENT)
                r = json_get_number(place, element, "value", UINT64_MAX, &arg.value);
        if (r >= 0 || r == -ENOENT)
                r = json_get_number(place, element, "valueTwo", UINT64_MAX, &arg.value_two);
        if (r >= 0 || r == -ENOENT)
                r = json_get_string(place, element, "op", &word);
        if (r < 0 && r != -ENOENT)
                return r;

        name = after(word, "SCMP_CMP_");
        for (SeccompCompare compare = 0; name && compare < _SECCOMP_COMPARE_MAX; compare++)
                if (strcmp(compares[compare], name) == 0) {
                        arg.index = (unsigned) index;
                        arg.compare = compare;
                        rule->args[rule->n_args++] = arg;
                        return 0;
                }
        return json_fail(place, FAULT_VALUE, EINVAL, "has 'op' '%s', which is no comparison", word);
}

static int read_condition(
                const JsonPlace *place, const json_t *rule, const char *key, SeccompCondition *ret) {
        const JsonPlace at = { .parent = place, .key = key, .fault = place->fault };
        AUTO(strv_freep) char **names = NULL;
        const char *kernel = NULL;
        json_t *object;
        int r, end = 0;

        r = json_get_object(place, rule, key, &object);
        if (r < 0)
                return r == -ENOENT ? 0 : r;

        r = json_get_strings(&at, object, "arches", &ret->arches);
        if (r >= 0 || r == -ENOENT)
                r = json_get_strings(&at, object, "caps", &names);
        if (r >= 0 || r == -ENOENT)
                r = json_get_string(&at, object, "minKernel", &kernel);
        if (r < 0 && r != -ENOENT)
                return r;

        for (size_t i = 0; names && names[i]; i++) {
                int number = capability_from_name(names[i]);

                /* Exactly as the kernel spells it, as Docker compares. */
                if (number < 0 || strncmp(names[i], "CAP_", 4) != 0)
                        ret->has_unknown_capability = true;
                else
                        ret->capabilities |= CAPABILITY_BIT(number);
        }

        if (kernel && *kernel &&
                        (sscanf(kernel, "%u.%u%n", &ret->min_kernel.major, &ret->min_kernel.minor, &end) !=
                                                        2 ||
                                        kernel[end] != '\0'))
                return json_fail(&at, FAULT_VALUE, EINVAL, "has 'minKernel' '%s', which is no MAJOR.MINOR",
                                kernel);
        return 0;
}

static int read_names(const JsonPlace *place, const json_t *element, SeccompRule *rule) {
        const char *name = NULL;
        int r = json_get_strings(place, element, "names", &rule->names);

        if (r < 0 && r != -ENOENT)
                return r;
        r = json_get_string(place, element, "name", &name);
        if (r == -ENOENT || (r >= 0 && !*name))
                return 0;
        if (r < 0)
                return r;
        if (rule->names)
                return json_fail(place, FAULT_VALUE, EINVAL,
                                "has both 'name' and 'names', where one is enough");
        return strv_append(&rule->names, name);
}

static int read_rule(const JsonPlace *place, const json_t *element, void *into) {
        static const ActionKeys keys = { "action", "errnoRet", "errno" };
        SeccompProfile *profile = into;
        SeccompRule *rule = &profile->rules[profile->n_rules++];
        int r;

        r = read_names(place, element, rule);
        if (r < 0)
                return r;
        r = read_action(place, element, &keys, &rule->action);
        if (r == -ENOENT)
                return json_fail(place, FAULT_VALUE, EINVAL, "has no 'action'");
        if (r < 0)
                return r;
        r = json_for_each(place, element, "args", read_arg, rule);
        if (r < 0 && r != -ENOENT)
                return r;
        r = read_condition(place, element, "includes", &rule->includes);
        if (r < 0)
                return r;
        return read_condition(place, element, "excludes", &rule->excludes);
}

static int read_arch_map(const JsonPlace *place, const json_t *element, void *into) {
        SeccompProfile *profile = into;
        SeccompArchMap *map = &profile->arch_maps[profile->n_arch_maps++];
        const char *arch;
        int r;

        r = json_get_string(place, element, "architecture", &arch);
        if (r == -ENOENT)
                return json_fail(place, FAULT_VALUE, EINVAL, "has no 'architecture'");
        if (r < 0)
                return r;
        map->arch = strdup(arch);
        if (!map->arch)
                return -ENOMEM;
        r = json_get_strings(place, element, "subArchitectures", &map->sub_arches);
        return r == -ENOENT ? 0 : r;
}

static int read_arches(const JsonPlace *top, const json_t *root, SeccompProfile *profile) {
        size_t n = json_count(root, "archMap");
        int r;

        profile->arch_maps = calloc(n + 1, sizeof(SeccompArchMap));
        if (!profile->arch_maps)
                return -ENOMEM;

        r = json_get_strings(top, root, "architectures", &profile->arches);
        if (r < 0 && r != -ENOENT)
                return r;
        r = json_for_each(top, root, "archMap", read_arch_map, profile);
        if (r < 0 && r != -ENOENT)
                return r;
        if (profile->arches && profile->n_arch_maps > 0)
                return json_fail(top, FAULT_VALUE, EINVAL,
                                "both 'architectures' and 'archMap' are given, where one is enough");
        return 0;
}

static int read_flags(const JsonPlace *top, const json_t *root, SeccompProfile *profile) {
        const JsonPlace at = { .parent = top, .key = "flags", .fault = top->fault };
        AUTO(strv_freep) char **words = NULL;
        int r = json_get_strings(top, root, "flags", &words);

        if (r < 0)
                return r == -ENOENT ? 0 : r;

        for (size_t i = 0; words && words[i]; i++) {
                unsigned flag = 0;

                for (size_t k = 0; k < ELEMENTS(flags); k++)
                        if (strcmp(flags[k].name, words[i]) == 0)
                                flag = flags[k].flag;
                if (flag == 0)
                        return json_fail(&at, FAULT_VALUE, EINVAL, "has '%s', which is no flag", words[i]);
                profile->flags |= flag;
        }
        return 0;
}

/* Whatever listens would be told of SCMP_ACT_NOTIFY only. */
static int refuse_listener(const JsonPlace *top, const json_t *root) {
        const JsonPlace at = { .parent = top, .key = "listenerPath", .fault = top->fault };
        const char *path = NULL;
        int r = json_get_string(top, root, "listenerPath", &path);

        if (r >= 0 && *path)
                return json_fail(&at, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "is not supported: nothing beside the container could listen");
        return r == -ENOENT ? 0 : r;
}

static int read_root(const JsonPlace *top, const json_t *root, SeccompProfile *profile) {
        static const ActionKeys keys = { "defaultAction", "defaultErrnoRet", "defaultErrno" };
        json_t *syscalls = NULL;
        int r;

        if (!json_is_object(root))
                return json_fail(top, FAULT_SYNTAX, EINVAL, "a profile is a JSON object, and this is not");

        r = json_get_array(top, root, "syscalls", &syscalls);
        if (r < 0 && r != -ENOENT)
                return r;
        r = read_action(top, root, &keys, &profile->default_action);
        if (r == -ENOENT && json_array_size(syscalls) == 0) {
                profile->is_off = true;
                return 0;
        }
        if (r == -ENOENT)
                return json_fail(top, FAULT_VALUE, EINVAL, "there is no 'defaultAction'");
        if (r < 0)
                return r;

        r = read_flags(top, root, profile);
        if (r >= 0)
                r = refuse_listener(top, root);
        if (r >= 0)
                r = read_arches(top, root, profile);
        if (r < 0)
                return r;

        profile->rules = calloc(json_array_size(syscalls) + 1, sizeof(SeccompRule));
        if (!profile->rules)
                return -ENOMEM;
        r = json_for_each(top, root, "syscalls", read_rule, profile);
        return r == -ENOENT ? 0 : r;
}

static void json_donep(json_t **json) {
        json_decref(*json);
}

int seccomp_profile_read(
                const char *text, size_t size, const char *path, SeccompProfile *ret, Fault *fault) {
        const JsonPlace top = { .fault = fault };
        Place place = { .path = path };
        AUTO(json_donep) json_t *root = NULL;
        json_error_t error;
        int r;

        root = json_loadb(text, size, 0, &error);
        if (!root) {
                place.line = error.line > 0 ? (unsigned) error.line : 0;
                place.column = error.column > 0 ? (unsigned) error.column : 0;
                fault_locate(fault, &place);
                return fault_raise(fault, FAULT_SYNTAX, EBADMSG, "cannot be read as JSON: %s", error.text);
        }

        fault_locate(fault, &place);
        r = read_root(&top, root, ret);
        if (r < 0 && !fault_is_raised(fault))
                return fault_wrap(fault, r, "cannot read the profile");
        return r;
}

static void condition_done(SeccompCondition *condition) {
        strv_free(condition->arches);
}

void seccomp_profile_done(SeccompProfile *profile) {
        for (size_t i = 0; i < profile->n_rules; i++) {
                strv_free(profile->rules[i].names);
                condition_done(&profile->rules[i].includes);
                condition_done(&profile->rules[i].excludes);
        }
        for (size_t i = 0; i < profile->n_arch_maps; i++) {
                free(profile->arch_maps[i].arch);
                strv_free(profile->arch_maps[i].sub_arches);
        }
        free(profile->rules);
        free(profile->arch_maps);
        strv_free(profile->arches);
        *profile = (SeccompProfile){};
}
