/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/volume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generator/values/options.h"
#include "lib/cleanup.h"
#include "lib/comma-list.h"

enum { NAME_LENGTH_MAX = 200 };

/* clang-format off */
#define OPTIONS_OF_BOTH                       \
        { "rw",       .exclusive = 'w' },     \
        { "ro",       .exclusive = 'w' },     \
        { "exec",     .exclusive = 'e' },     \
        { "noexec",   .exclusive = 'e' },     \
        { "dev",      .exclusive = 'd' },     \
        { "nodev",    .exclusive = 'd' },     \
        { "suid",     .exclusive = 's' },     \
        { "nosuid",   .exclusive = 's' },     \
        { "z",        .exclusive = 'z' },     \
        { "Z",        .exclusive = 'z' },     \
        { "U"                          },     \
        { "O"                          },     \
        { "upperdir", OPTION_PATH      },     \
        { "workdir",  OPTION_PATH      },     \
        { "idmap",    .exclusive = 'i' },     \
        { "noidmap",  .exclusive = 'i' },     \
        { "bind",     .exclusive = 'b' },     \
        { "rbind",    .exclusive = 'b' },     \
        { "norbind",  .exclusive = 'b' },     \
        { "private",  .exclusive = 'p' },     \
        { "rprivate", .exclusive = 'p' },     \
        { "shared",   .exclusive = 'p' },     \
        { "rshared",  .exclusive = 'p' },     \
        { "slave",    .exclusive = 'p' },     \
        { "rslave",   .exclusive = 'p' }

#define OF_VOLUMES "a directory of the host is shown as it is; only a volume begins with what the image has there"

static const OptionRow bind_options[] = {
        OPTIONS_OF_BOTH,
        { "copy",   .refuse = OF_VOLUMES },
        { "nocopy"                       },
};

static const OptionRow named_options[] = {
        OPTIONS_OF_BOTH,
        { "copy",    .exclusive = 'c'    },
        { "nocopy",  .exclusive = 'c'    },
        { "subpath", OPTION_INNER        },
};
/* clang-format on */

static int check_overlay(const char *options, Fault *fault) {
        bool upper = comma_list_has(options, "upperdir"), work = comma_list_has(options, "workdir");

        if ((upper || work) && !comma_list_has(options, "O"))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "upperdir= and workdir= are for changes on top of a volume, which is 'O'");
        if (upper != work)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "upperdir= and workdir= are given both, or none of them");
        if (comma_list_has(options, "O") &&
                        (comma_list_has(options, "shared") || comma_list_has(options, "rshared")))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "options 'O' and 'shared' contradict each other");
        return 0;
}

int volume_check_options(const char *text, VolumeSort sort, Fault *fault) {
        const char *later = NULL;
        int r = sort == VOLUME_BIND
                                ? options_check(text, bind_options, ELEMENTS(bind_options), &later, fault)
                                : options_check(text, named_options, ELEMENTS(named_options), &later, fault);

        return r < 0 ? r : check_overlay(text, fault);
}

bool volume_name_is_unit(const char *text) {
        size_t n = strlen(text), tail = strlen(".volume");

        return n > tail && strcmp(text + n - tail, ".volume") == 0 && !strchr(text, '/');
}

/* Where a volume comes from decides what it is. */
static int check_source(Value *value, const char *source, Fault *fault) {
        if (*source == '/' || *source == '.' || value_begins_dynamic(source))
                return 0;
        if (*source == '~')
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' begins with '~', which is no shell's to expand here; '%%h' is the "
                                "home directory",
                                source);
        if (*source == '$')
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' has a variable that systemd will not expand; write it with braces, "
                                "'${NAME}'",
                                source);
        if (!*source)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no source before the ':'");

        if (volume_name_is_unit(source)) {
                if (strlen(source) >= sizeof(value->reference))
                        return value_wrong(fault, source, "the file name of a manifest");
                (void) strcpy(value->reference, source);
        } else if (!value_is_dynamic(source) && !value_is_name(source, NAME_LENGTH_MAX))
                return value_wrong(fault, source,
                                "a source: an absolute path, one that begins with '.', or the name of a "
                                "volume");
        return 0;
}

static int check_target(const char *target, Fault *fault) {
        if (value_begins_dynamic(target))
                return 0;
        if (*target != '/')
                return value_wrong(fault, target, "an absolute path in the container");
        if (strspn(target, "/") == strlen(target))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "nothing can be mounted over the container's root");
        return 0;
}

int volume_parse(Value *value, char **ret, Fault *fault) {
        autofree char *copy = strdup(value->text), *source = NULL;
        char *target, *flags = NULL;
        bool is_path;
        int r;

        if (!copy)
                return -ENOMEM;

        target = value_find_colon(copy);
        if (!target) {
                r = check_target(copy, fault);
                return r < 0 ? r : value_copy(copy, ret);
        }
        *target++ = '\0';

        flags = value_find_colon(target);
        if (flags)
                *flags++ = '\0';

        r = check_source(value, copy, fault);
        if (r < 0)
                return r;
        r = check_target(target, fault);
        if (r < 0)
                return r;
        /* What systemd will fill in may turn out to be either. */
        is_path = *copy == '/' || *copy == '.';
        if (flags) {
                r = volume_check_options(flags, is_path ? VOLUME_BIND : VOLUME_NAMED, fault);
                if (r < 0)
                        return r;
        }

        if (*copy != '.')
                return value_copy(value->text, ret);
        r = value_resolve(copy, value->directory, &source);
        if (r < 0)
                return r;
        if (strchr(source, ':'))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' cannot be relative, because a ':' is in '%s'; use Mount=", copy,
                                value->directory);
        return value_printf(ret, "%s:%s%s%s", source, target, flags && *flags ? ":" : "",
                        flags && *flags ? flags : "");
}

int volume_parse_name(Value *value, char **ret, Fault *fault) {
        if (!value_is_dynamic(value->text) && !value_is_name(value->text, NAME_LENGTH_MAX))
                return value_wrong(fault, value->text,
                                "a name: 1 to 200 of a-z, A-Z, 0-9, '_', '.' and '-', the first a letter or "
                                "digit");
        return value_copy(value->text, ret);
}

int volume_parse_driver(Value *value, char **ret, Fault *fault) {
        static const char *const drivers[] = { "local", "image", NULL };

        if (!value_is_one_of(value->text, drivers))
                return value_refuse(fault,
                                "'%.100s' would be a plugin, a daemon that speaks podman's protocol; there "
                                "are local, with Type=, Device= and Options= as mount(8) has them, and "
                                "image",
                                value->text);
        return value_copy(value->text, ret);
}

/* What mount(8) takes for -t, and what it has helpers for: "fuse.sshfs". */
int volume_parse_type(Value *value, char **ret, Fault *fault) {
        if (!value_is_dynamic(value->text) && !value_is_name(value->text, 64))
                return value_wrong(fault, value->text, "a type of file system, as ext4, nfs or tmpfs");
        return value_copy(value->text, ret);
}
