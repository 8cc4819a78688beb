/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the networks of a container or a pod mean, with all manifests at hand
 *
 * Manifests are replaced by what their networks, containers and pods are called, and the units are found
 * that have to be there first. Then all that is about networks is held against each other.
 */

#include "generator/quadlet/key-load.h"

/* The fields of a Container or a Pod. */
typedef struct NetworkPart {
        char ***networks, ***aliases, ***publish;
        char **ip, **ip6, **mac; /* @mac becomes an option of the network; may be NULL */
        char ***needs;           /* units that are required */
        char ***bound;           /* units without which there is nothing left to be in; NULL: not possible */
} NetworkPart;

/* What is wrong is told at the key's line. Return: 0 or -ENOMEM. */
int network_reference_resolve(KeyLoad *load, const NetworkPart *part);

/* The line of [Service] that gives the unit a network namespace; NULL when none does. */
const Assignment *network_of_unit(const Manifest *manifest);
