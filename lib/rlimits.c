/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/rlimits.h"

#include <errno.h>
#include <stddef.h>
#include <strings.h>
#include <sys/resource.h>

#include "lib/cleanup.h"

/* clang-format off */
static const char *const names[] = {
        [RLIMIT_AS]         = "as",
        [RLIMIT_CORE]       = "core",
        [RLIMIT_CPU]        = "cpu",
        [RLIMIT_DATA]       = "data",
        [RLIMIT_FSIZE]      = "fsize",
        [RLIMIT_LOCKS]      = "locks",
        [RLIMIT_MEMLOCK]    = "memlock",
        [RLIMIT_MSGQUEUE]   = "msgqueue",
        [RLIMIT_NICE]       = "nice",
        [RLIMIT_NOFILE]     = "nofile",
        [RLIMIT_NPROC]      = "nproc",
        [RLIMIT_RSS]        = "rss",
        [RLIMIT_RTPRIO]     = "rtprio",
        [RLIMIT_RTTIME]     = "rttime",
        [RLIMIT_SIGPENDING] = "sigpending",
        [RLIMIT_STACK]      = "stack",
};
/* clang-format on */

int rlimit_from_name(const char *name) {
        if (strncasecmp(name, "rlimit_", 7) == 0)
                name += 7;

        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (strcasecmp(name, names[i]) == 0)
                        return (int) i;

        return -ENOENT;
}

const char *rlimit_to_name(int resource) {
        return resource >= 0 && (size_t) resource < ELEMENTS(names) ? names[resource] : NULL;
}
