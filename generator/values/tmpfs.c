/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/values/tmpfs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/values/options.h"
#include "lib/cleanup.h"

/* clang-format off */
static const OptionRow options[] = {
        { "rw",           .exclusive = 'w' },
        { "ro",           .exclusive = 'w' },
        { "exec",         .exclusive = 'e' },
        { "noexec",       .exclusive = 'e' },
        { "dev",          .exclusive = 'd' },
        { "nodev",        .exclusive = 'd' },
        { "suid",         .exclusive = 's' },
        { "nosuid",       .exclusive = 's' },
        { "atime",        .exclusive = 'a' },
        { "noatime",      .exclusive = 'a' },
        { "relatime",     .exclusive = 'a' },
        { "strictatime",  .exclusive = 'a' },
        { "diratime",     .exclusive = 't' },
        { "nodiratime",   .exclusive = 't' },
        { "tmpcopyup",    .exclusive = 'c' },
        { "notmpcopyup",  .exclusive = 'c' },
        { "size",         OPTION_SIZE      },
        { "nr_blocks",    OPTION_SIZE      },
        { "nr_inodes",    OPTION_SIZE      },
        { "mode",         OPTION_MODE      },
        { "uid",          OPTION_NUMBER    },
        { "gid",          OPTION_NUMBER    },
        { "U"                              },
        { "private",      .exclusive = 'p' },
        { "rprivate",     .exclusive = 'p' },
        { "shared",       .exclusive = 'p', .later = "propagation of a tmpfs" },
        { "rshared",      .exclusive = 'p', .later = "propagation of a tmpfs" },
        { "slave",        .exclusive = 'p', .later = "propagation of a tmpfs" },
        { "rslave",       .exclusive = 'p', .later = "propagation of a tmpfs" },
};
/* clang-format on */

int tmpfs_check_options(const char *text, const char **later, Fault *fault) {
        return options_check(text, options, ELEMENTS(options), later, fault);
}

int tmpfs_parse(Value *value, char **ret, Fault *fault) {
        const char *flags = strchr(value->text, ':');
        int r = 0;

        if (*value->text != '/' && !value_begins_dynamic(value->text))
                return value_wrong(fault, value->text, "an absolute path with options behind a ':'");
        if (flags && !value_begins_dynamic(value->text))
                r = tmpfs_check_options(flags + 1, &value->later, fault);
        return r < 0 ? r : value_copy(value->text, ret);
}
