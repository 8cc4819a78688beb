/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/app-plan.h"

#include <errno.h>
#include <string.h>
#include <sys/prctl.h>

#include "lib/strv.h"

static int take_argument(Init *init, const char *value, Fault *fault) {
        return strv_append(&init->arguments, value);
}

static int take_environment(Init *init, const char *value, Fault *fault) {
        return strv_append(&init->environment, value);
}

/* From now on nobody but root of the host can look into this process, until exec. */
static int take_secret_environment(Init *init, const char *value, Fault *fault) {
        if (prctl(PR_SET_DUMPABLE, 0) < 0)
                return -errno;
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

/* clang-format off */
const VerbRow app_verbs[] = {
        { "arg",               take_argument },
        { "capabilities",      init_set_capabilities },
        { "env",               take_environment },
        { "group",             take_group },
        { "init",              take_init },
        { "no-new-privileges", take_no_new_privileges },
        { "read-only",         take_read_only },
        { "rlimit",            init_set_rlimit },
        { "seccomp",           take_seccomp },
        { "secret-env",        take_secret_environment },
        { "sockets",           take_sockets },
        { "user",              take_user },
        { "workdir",           take_workdir },
};
/* clang-format on */
const size_t n_app_verbs = ELEMENTS(app_verbs);

const VerbRow *plan_verb_find(const VerbRow *rows, size_t n, const char *verb) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(rows[i].verb, verb) == 0)
                        return &rows[i];
        return NULL;
}

int plan_verb_act(const VerbRow *row, Init *init, const PlanEntry *entry, Fault *fault) {
        int r = row->act(init, entry->value, fault);

        if (row->act == take_secret_environment)
                return r < 0 ? fault_wrap(fault, r, "cannot take a variable with a secret") : 0;
        return r < 0 && !fault_is_raised(fault)
                               ? fault_wrap(fault, r, "cannot do '%s=%s'", entry->verb, entry->value)
                               : r;
}

int app_plan_take(Init *init, const PlanEntry *entries, size_t n, Fault *fault) {
        int r = 0;

        for (size_t i = 0; i < n && r >= 0; i++) {
                const VerbRow *row = plan_verb_find(app_verbs, n_app_verbs, entries[i].verb);

                if (row)
                        r = plan_verb_act(row, init, &entries[i], fault);
        }
        return r;
}
