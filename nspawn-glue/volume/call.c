/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/volume/call.h"

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stddef.h>
#include <string.h>

#include "lib/size.h"
#include "lib/strv.h"

/* Puts a value into its field. */
typedef int CallTake(void *field, const char *text, Fault *fault);

static int take_text(void *field, const char *text, Fault *fault) {
        char **to = field;

        free(*to);
        *to = strdup(text);
        return *to ? 0 : -ENOMEM;
}

static int take_label(void *field, const char *text, Fault *fault) {
        if (*text == '=' || !*text)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no label: NAME=VALUE", text);
        return strv_append(field, text);
}

/* Return: 1 for a number, 0 for what is none, -EINVAL for one that is no id. */
static int read_id(const char *text, uint32_t *ret, Fault *fault) {
        unsigned long long number;
        char *end;

        if (!isdigit((unsigned char) *text))
                return 0;
        errno = 0;
        number = strtoull(text, &end, 10);
        if (errno != 0 || *end || number >= VOLUME_NOBODY)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no id", text);
        *ret = (uint32_t) number;
        return 1;
}

/* A name that nobody has must not become root. */
static int take_user(void *field, const char *text, Fault *fault) {
        int r = read_id(text, field, fault);
        const struct passwd *entry;

        if (r != 0)
                return r < 0 ? r : 0;
        entry = getpwnam(text);
        if (!entry)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "this host has no user '%.100s'", text);
        *(uint32_t *) field = entry->pw_uid;
        return 0;
}

static int take_group(void *field, const char *text, Fault *fault) {
        int r = read_id(text, field, fault);
        const struct group *entry;

        if (r != 0)
                return r < 0 ? r : 0;
        entry = getgrnam(text);
        if (!entry)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "this host has no group '%.100s'", text);
        *(uint32_t *) field = entry->gr_gid;
        return 0;
}

static int take_size(void *field, const char *text, Fault *fault) {
        uint64_t bytes;

        if (size_from_text(text, &bytes) < 0 || bytes == 0 || bytes > INT64_MAX)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no size", text);
        *(uint64_t *) field = bytes;
        return 0;
}

static int take_copy(void *field, const char *text, Fault *fault) {
        if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is neither yes nor no", text);
        *(bool *) field = *text == 'n';
        return 0;
}

/* clang-format off */
static const struct {
        const char *name;
        CallTake *take;
        size_t field;
} rows[] = {
        { "--copy=",    take_copy,  offsetof(VolumeConfig, no_copy) },
        { "--device=",  take_text,  offsetof(VolumeConfig, device)  },
        { "--gid=",     take_group, offsetof(VolumeConfig, gid)     },
        { "--image=",   take_text,  offsetof(VolumeConfig, image)   },
        { "--label=",   take_label, offsetof(VolumeConfig, labels)  },
        { "--options=", take_text,  offsetof(VolumeConfig, options) },
        { "--size=",    take_size,  offsetof(VolumeConfig, size)    },
        { "--type=",    take_text,  offsetof(VolumeConfig, type)    },
        { "--uid=",     take_user,  offsetof(VolumeConfig, uid)     },
};
/* clang-format on */

static int take(Call *call, const char *word, Fault *fault) {
        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                size_t n = strlen(rows[i].name);
                char key[32];
                int r;

                if (strncmp(word, rows[i].name, n) != 0)
                        continue;
                (void) snprintf(key, sizeof(key), "%.*s", (int) n - 1, rows[i].name);
                fault_locate(fault, &(Place){ .key = key });
                r = rows[i].take((char *) &call->config + rows[i].field, word + n, fault);
                if (r >= 0)
                        fault_locate(fault, &(Place){});
                return r;
        }
        return fault_raise(fault, FAULT_UNKNOWN_KEY, EINVAL, "no such option: '%.100s'", word);
}

static int check(const Call *call, Fault *fault) {
        const VolumeConfig *config = &call->config;

        if (!call->name)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "the name of a volume is missing");
        if (!volume_name_is_valid(call->name))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%.200s' cannot name a volume: 1 to %d of a-z, A-Z, 0-9, '_', '.' and '-'; "
                                "set "
                                "VolumeName=",
                                call->name, VOLUME_NAME_MAX);
        if (config->image && (config->device || config->type || config->options || config->size))
                return fault_raise(
                                fault, FAULT_CONFLICT, EINVAL, "a volume is an image or a device, not both");
        if (!config->device && (config->type || config->options))
                return fault_raise(
                                fault, FAULT_VALUE, EINVAL, "--type= and --options= are about a --device=");
        return 0;
}

int call_parse(Call *call, char *const *argv, Fault *fault) {
        const char *action = argv[1] ?: "";
        int r = 0;

        *call = (Call){ .config = VOLUME_CONFIG_DEFAULT };
        if (strcmp(action, "down") == 0)
                call->action = CALL_DOWN;
        else if (strcmp(action, "up") != 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "one of up and down is needed");
        for (char *const *word = argv + 2; *word && r >= 0; word++) {
                if (strncmp(*word, "--", 2) == 0 && call->action == CALL_UP)
                        r = take(call, *word, fault);
                else if (call->name || **word == '-')
                        r = fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is too much", *word);
                else
                        call->name = *word;
        }
        return r < 0 ? r : check(call, fault);
}

void call_done(Call *call) {
        volume_config_done(&call->config);
}
