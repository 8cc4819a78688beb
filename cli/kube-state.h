/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How the units of Kubernetes YAML are, all together
 *
 * Pods, volumes and init containers are done when they have begun ("active (exited)"), and nobody's business
 * here; what counts are the containers that run.
 */

#include "cli/manager.h"

typedef enum KubePropagation {
        KUBE_PROPAGATE_NONE,
        KUBE_PROPAGATE_ANY,
        KUBE_PROPAGATE_ALL,
        _KUBE_PROPAGATION_MAX,
} KubePropagation;

/* Return: _KUBE_PROPAGATION_MAX for a word that is none. */
KubePropagation kube_propagation_from_string(const char *word);

/* Whether none of the containers runs, or will be started again. */
bool kube_state_is_over(const UnitStates *states);

/* The container whose failure is that of the whole; NULL when the whole has not failed. */
const UnitState *kube_state_failure(const UnitStates *states, KubePropagation propagation);
