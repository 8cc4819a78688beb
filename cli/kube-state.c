/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/kube-state.h"

#include <string.h>

KubePropagation kube_propagation_from_string(const char *word) {
        static const char *const words[] = { "none", "any", "all" };
        KubePropagation propagation = 0;

        while (propagation < _KUBE_PROPAGATION_MAX && strcmp(words[propagation], word) != 0)
                propagation++;
        return propagation;
}

static bool is_done(const UnitState *state) {
        return strcmp(state->sub, "exited") == 0;
}

static bool has_failed(const UnitState *state) {
        return strcmp(state->active, "failed") == 0;
}

bool kube_state_is_over(const UnitStates *states) {
        for (size_t i = 0; i < states->n; i++)
                if (!is_done(&states->states[i]) && !has_failed(&states->states[i]) &&
                                strcmp(states->states[i].active, "inactive") != 0)
                        return false;
        return true;
}

const UnitState *kube_state_failure(const UnitStates *states, KubePropagation propagation) {
        const UnitState *failure = NULL;

        for (size_t i = 0; i < states->n && propagation != KUBE_PROPAGATE_NONE; i++) {
                const UnitState *state = &states->states[i];

                if (has_failed(state))
                        failure = failure ? failure : state;
                else if (propagation == KUBE_PROPAGATE_ALL && !is_done(state))
                        return NULL;
        }
        return failure;
}
