/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "lib/fault-point.h"
#include "lib/strv.h"
#include "nspawn-glue/init.h"
#include "nspawn-glue/plan.h"

typedef struct VerbRow {
        const char *verb;
        int (*act)(Init *init, const char *value, Fault *fault);
} VerbRow;

static int take_argument(Init *init, const char *value, Fault *fault) {
        return strv_append(&init->arguments, value);
}

static int take_environment(Init *init, const char *value, Fault *fault) {
        return strv_append(&init->environment, value);
}

static int take_group(Init *init, const char *value, Fault *fault) {
        return strv_append(&init->groups, value);
}

static int take_user(Init *init, const char *value, Fault *fault) {
        init->user = value;
        return 0;
}

static int take_workdir(Init *init, const char *value, Fault *fault) {
        init->workdir = value;
        return 0;
}

static int take_init(Init *init, const char *value, Fault *fault) {
        init->stays = true;
        return 0;
}

static int take_no_new_privileges(Init *init, const char *value, Fault *fault) {
        init->no_new_privileges = true;
        return 0;
}

static int take_read_only(Init *init, const char *value, Fault *fault) {
        init->read_only = true;
        return 0;
}

static int take_sockets(Init *init, const char *value, Fault *fault) {
        init->sockets = atoi(value);
        return 0;
}

static int take_seccomp(Init *init, const char *value, Fault *fault) {
        init->seccomp_fd = atoi(value);
        return 0;
}

/* Those that mount do it at once: the launcher has put them into the right order. */
/* clang-format off */
static const VerbRow verbs[] = {
        { "arg",               take_argument },
        { "attach",            init_attach },
        { "attach-file",       init_attach_file },
        { "attach-lasting",    init_attach_lasting },
        { "capabilities",      init_set_capabilities },
        { "env",               take_environment },
        { "group",             take_group },
        { "hostname",          init_set_hostname },
        { "init",              take_init },
        { "mask",              init_mask },
        { "network",           init_make_network },
        { "no-new-privileges", take_no_new_privileges },
        { "own",               init_own },
        { "protect",           init_protect },
        { "read-only",         take_read_only },
        { "root",              init_enter_root },
        { "rlimit",            init_set_rlimit },
        { "seccomp",           take_seccomp },
        { "shm",               init_mount_shm },
        { "sockets",           take_sockets },
        { "sysctl",            init_write_sysctl },
        { "tmpfs",             init_mount_tmpfs },
        { "user",              take_user },
        { "volume",            init_mount_volume },
        { "workdir",           take_workdir },
};
/* clang-format on */

static const VerbRow *find_verb(const char *verb) {
        for (size_t i = 0; i < ELEMENTS(verbs); i++)
                if (strcmp(verbs[i].verb, verb) == 0)
                        return &verbs[i];
        return NULL;
}

static int follow(Init *init, const PlanEntry *entry, Fault *fault) {
        const VerbRow *row = find_verb(entry->verb);
        int r;

        if (!row)
                return fault_raise(fault, FAULT_SYSTEM, EBADMSG,
                                "the plan has a verb '%s': launcher and init are of different versions",
                                entry->verb);
        r = FAULT_POINT_OF("init:", row->verb);
        if (r >= 0)
                r = row->act(init, entry->value, fault);
        return r < 0 && !fault_is_raised(fault)
                               ? fault_wrap(fault, r, "cannot do '%s=%s'", entry->verb, entry->value)
                               : r;
}

void init_list_fault_points(void) {
        for (size_t i = 0; i < ELEMENTS(verbs); i++)
                fault_point_list("init:", verbs[i].verb);
}

/* The text of the plan is never freed: what init knows points into it until exec. */
int init_follow_plan(Init *init, int fd, Fault *fault) {
        PlanEntry *entries;
        char *text;
        size_t n;
        int r;

        r = plan_read(fd, &text, &entries, &n);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read the launcher's plan");
        for (size_t i = 0; i < n && r >= 0; i++)
                r = follow(init, &entries[i], fault);
        return r;
}
