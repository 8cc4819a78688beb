/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/volume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generator/values/options.h"
#include "lib/cleanup.h"

#define OF_VOLUMES "a volume that Slipway keeps; name a directory of the host, as /srv/data"
#define OF_SHARING "mounts that the container makes and the host sees (shared)"

/* clang-format off */
static const OptionRow options[] = {
        { "rw",       .exclusive = 'w' },
        { "ro",       .exclusive = 'w' },
        { "exec",     .exclusive = 'e' },
        { "noexec",   .exclusive = 'e' },
        { "dev",      .exclusive = 'd' },
        { "nodev",    .exclusive = 'd' },
        { "suid",     .exclusive = 's' },
        { "nosuid",   .exclusive = 's' },
        { "z",        .exclusive = 'z' },
        { "Z",        .exclusive = 'z' },
        { "U"                          },
        { "idmap",    .exclusive = 'i' },
        { "noidmap",  .exclusive = 'i' },
        { "bind",     .exclusive = 'b' },
        { "rbind",    .exclusive = 'b' },
        { "norbind",  .exclusive = 'b' },
        { "private",  .exclusive = 'p' },
        { "rprivate", .exclusive = 'p' },
        { "shared",   .exclusive = 'p', .later = OF_SHARING },
        { "rshared",  .exclusive = 'p', .later = OF_SHARING },
        { "slave",    .exclusive = 'p' },
        { "rslave",   .exclusive = 'p' },
        { "O",        .later = "changes on top of a volume (O)" },
        { "copy",     .later = OF_VOLUMES },
        { "nocopy",   .later = OF_VOLUMES },
        { "upperdir", OPTION_ANY, .later = "changes on top of a volume (O)" },
        { "workdir",  OPTION_ANY, .later = "changes on top of a volume (O)" },
};
/* clang-format on */

int volume_check_options(const char *text, const char **later, Fault *fault) {
        return options_check(text, options, ELEMENTS(options), later, fault);
}

/* Where a volume comes from decides what it is. */
static int check_source(Value *value, const char *source, Fault *fault) {
        size_t n = strlen(source);

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

        value->later = OF_VOLUMES;
        if (n > 7 && strcmp(source + n - 7, ".volume") == 0 && n < sizeof(value->reference))
                (void) strcpy(value->reference, source);
        else if (!value_is_dynamic(source) && !value_is_name(source, 255))
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
        int r;

        if (!copy)
                return -ENOMEM;

        target = value_find_colon(copy);
        if (!target) {
                value->later = "an anonymous volume; Tmpfs= is one in memory";
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
        if (flags) {
                r = volume_check_options(flags, &value->later, fault);
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
