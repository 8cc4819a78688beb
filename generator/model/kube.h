/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Kubernetes YAML, and how it is to be run
 *
 * Texts are unit text, as in a Container. What the YAML says becomes manifests of pods, containers and
 * volumes, see generator/kube/expand.h; this is about the unit that stands for all of them.
 */

#include "generator/model/container.h"

typedef struct Kube {
        char *service;     /* its unit without ".service", if that is not named after the manifest */
        char **yaml;       /* absolute paths */
        char **config_map; /* more of them, of which only ConfigMaps count */

        char **auto_update; /* registry, local, or CONTAINER/registry … */
        char *log_driver;   /* of all containers */
        char **log_opt;
        char **network;          /* of all pods */
        char **publish;          /* [[ADDRESS:]HOST:]CONTAINER[/PROTOCOL], of the pod that has the port */
        char *userns;            /* of all pods */
        char *propagation;       /* none, any, all: which failures make the unit fail */
        char *working_directory; /* yaml, unit: where relative paths begin */
        Choice down_force;       /* whether volumes go as well when it is stopped; no */

        char **units;   /* of its pods, containers and volumes: plain text */
        char **volumes; /* what the last of these are called */
} Kube;

Kube *kube_new(void);
void kube_free(Kube *kube);
