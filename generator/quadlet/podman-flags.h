/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Options of "podman run" and its like that have a meaning without podman
 *
 * Most are another spelling of a key, and are read by that key's row. A few
 * have no key, and have a row of their own. Whatever is not here is refused.
 */

#include <stdbool.h>

#include "generator/quadlet/keys.h"

typedef enum PodmanFlagForm {
        FLAG_VALUE,         /* --option=VALUE or --option VALUE */
        FLAG_LIST,          /* the same, and VALUE may be several with commas between */
        FLAG_NONE,          /* --option or --option=true, which sets its key to "none" */
        FLAG_SWITCH,        /* --option or --option=BOOLEAN */
        FLAG_SECURITY,      /* --security-opt, a family of its own */
        FLAG_NOTHING,       /* asks for what is so anyway; a switch */
        FLAG_VOLUME_OPTION, /* --opt of a volume, a family of its own */
        FLAG_PASSED,        /* --option=VALUE or --option VALUE, which its key gets as --option=VALUE */
        FLAG_PASSED_SWITCH, /* --option or --option=BOOLEAN, the same */
} PodmanFlagForm;

typedef struct PodmanFlag {
        const char *name; /* "--memory" */
        PodmanFlagForm form;
        const char *key;     /* of one of the set's sections */
        const char *refusal; /* why it is refused, NULL when it is not */
} PodmanFlag;

/* The options of one command. */
typedef struct PodmanFlagSet {
        const PodmanFlag *flags; /* sorted by name, as in strcmp(3) */
        size_t n_flags;
        const KeySection *sections[4]; /* where their keys are, up to NULL */
} PodmanFlagSet;

extern const PodmanFlagSet podman_run_flags;     /* podman run */
extern const PodmanFlagSet podman_network_flags; /* podman network create */
extern const PodmanFlagSet podman_pod_flags;     /* podman pod create */
extern const PodmanFlagSet podman_build_flags;   /* podman build */
extern const PodmanFlagSet podman_volume_flags;  /* podman volume create */

/* Return: NULL for what is not in the table. */
const PodmanFlag *podman_flag_find(const PodmanFlagSet *set, const char *name);

/* The row of a flag's key; NULL when there is none. */
const KeyRow *podman_flag_row(const PodmanFlagSet *set, const char *key);

/* The key of [Container] that "NAME=VALUE" of --security-opt means, older "NAME:VALUE". */
bool podman_security_find(const char *text, const char **ret_key, const char **ret_value);

/* Rows for what has no key: CpuShares, Cpus and so on. */
extern const KeySection podman_section;
extern const KeySection pod_podman_section;   /* of [Pod] */
extern const KeySection build_podman_section; /* of [Build] */
