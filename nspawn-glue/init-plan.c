/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "nspawn-glue/app-plan.h"
#include "nspawn-glue/plan.h"

/*
 * What becomes of the tree; app-plan.c has the rest. Those that mount do it at once: the launcher has put
 * them into the right order.
 */
/* clang-format off */
static const VerbRow verbs[] = {
        { "attach",            init_attach },
        { "attach-file",       init_attach_file },
        { "attach-lasting",    init_attach_lasting },
        { "devpts",            init_mount_devpts },
        { "errors",            init_take_errors },
        { "hostname",          init_set_hostname },
        { "mask",              init_mask },
        { "network",           init_make_network },
        { "networks",          init_join_networks },
        { "own",               init_own },
        { "processes",         init_take_processes },
        { "protect",           init_protect },
        { "queues",            init_take_queues },
        { "ramfs",             init_mount_ramfs },
        { "rest",              init_take_rest },
        { "root",              init_enter_root },
        { "shm",               init_mount_shm },
        { "sysctl",            init_write_sysctl },
        { "terminal",          init_open_terminal },
        { "tmpfs",             init_mount_tmpfs },
        { "volume",            init_mount_volume },
};
/* clang-format on */

static int follow(Init *init, const PlanEntry *entry, Fault *fault) {
        const VerbRow *row = plan_verb_find(app_verbs, n_app_verbs, entry->verb)
                                             ?: plan_verb_find(verbs, ELEMENTS(verbs), entry->verb);
        int r;

        if (!row)
                return fault_raise(fault, FAULT_SYSTEM, EBADMSG,
                                "the plan has a verb '%s': launcher and init are of different versions",
                                entry->verb);
        r = FAULT_POINT_OF("init:", row->verb);
        return r < 0 ? r : plan_verb_act(row, init, entry, fault);
}

void init_list_fault_points(void) {
        for (size_t i = 0; i < n_app_verbs; i++)
                fault_point_list("init:", app_verbs[i].verb);
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
