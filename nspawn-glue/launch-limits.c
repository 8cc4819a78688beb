/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>

#include "lib/io.h"
#include "lib/report.h"
#include "lib/rlimits.h"
#include "nspawn-glue/capset.h"
#include "nspawn-glue/launch.h"
#include "nspawn-glue/seccomp/cache.h"

static int parse_limit(const char *text, size_t n, rlim_t *ret) {
        char *end;

        if (n == 2 && memcmp(text, "-1", 2) == 0) {
                *ret = RLIM_INFINITY;
                return 0;
        }
        if (n == 0 || *text < '0' || *text > '9')
                return -EINVAL;
        errno = 0;
        *ret = strtoull(text, &end, 10);
        return errno != 0 || end != text + n ? -EINVAL : 0;
}

/* "NAME=SOFT[:HARD]" */
static int read_ulimit(Launch *launch, const char *text, Fault *fault) {
        const char *equals = strchr(text, '='), *soft, *colon;
        struct rlimit limit;
        char name[16] = "";
        int resource;

        if (equals)
                (void) snprintf(name, sizeof(name), "%.*s", (int) (equals - text), text);
        resource = rlimit_from_name(name);
        if (resource < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "no such resource limit: '%s'", text);

        soft = equals + 1;
        colon = strchr(soft, ':');
        if (parse_limit(soft, colon ? (size_t) (colon - soft) : strlen(soft), &limit.rlim_cur) < 0 ||
                        parse_limit(colon ? colon + 1 : soft, strlen(colon ? colon + 1 : soft),
                                        &limit.rlim_max) < 0 ||
                        limit.rlim_cur > limit.rlim_max)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' is no resource limit: it is NAME=SOFT[:HARD] with SOFT up to HARD",
                                text);
        launch->rlimits[resource] = limit;
        return 0;
}

/* What the unit says, by LimitNOFILE= and so on, holds for the app unless the manifest says otherwise. */
static int write_rlimits(Launch *launch, Fault *fault) {
        char **ulimits = launch->options->ulimits;

        for (int i = 0; i < (int) ELEMENTS(launch->rlimits); i++)
                if (getrlimit(i, &launch->rlimits[i]) < 0)
                        return -errno;
        for (; ulimits && *ulimits; ulimits++) {
                int r = strcmp(*ulimits, "host") == 0 ? 0 : read_ulimit(launch, *ulimits, fault);

                if (r < 0)
                        return r;
        }
        for (int i = 0; i < (int) ELEMENTS(launch->rlimits); i++)
                plan_putf(&launch->plan, "rlimit", "%d:%llu:%llu", i,
                                (unsigned long long) launch->rlimits[i].rlim_cur,
                                (unsigned long long) launch->rlimits[i].rlim_max);
        return 0;
}

static int write_seccomp(Launch *launch, Fault *fault) {
        const char *profile = launch->options->seccomp;
        int fd, r;

        if (profile && strcmp(profile, "unconfined") == 0)
                return 0;
        if (profile && *profile != '/')
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "the seccomp profile '%s' is neither \"unconfined\" nor an absolute path",
                                profile);
        r = seccomp_program_open(NULL, profile, launch->capabilities, &fd, fault);
        if (r < 0)
                return r;
        if (fd < 0)
                return 0;
        r = launch_pass(launch, fd);
        if (r < 0)
                return r;
        launch->seccomp_number = r;
        plan_putf(&launch->plan, "seccomp", "%d", r);
        return 0;
}

int launch_write_limits(Launch *launch, Fault *fault) {
        const Options *options = launch->options;
        uint64_t ambient;
        int r;

        r = capset_make(options->capabilities_add, options->capabilities_drop, &launch->capabilities,
                        &ambient, fault);
        if (r >= 0)
                r = write_rlimits(launch, fault);
        if (r >= 0)
                r = write_seccomp(launch, fault);
        if (r < 0)
                return r;

        plan_putf(&launch->plan, "capabilities", "%llx:%llx", (unsigned long long) launch->capabilities,
                        (unsigned long long) ambient);
        if (options->no_new_privileges)
                plan_put(&launch->plan, "no-new-privileges", "yes");
        return 0;
}
