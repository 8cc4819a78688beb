/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Options of "podman run" that have a meaning without podman
 *
 * Most are another spelling of a key, and are read by that key's row. A few
 * have no key, and have a row of their own. Whatever is not here is refused.
 */

#include <stdbool.h>

#include "generator/quadlet/keys.h"

typedef enum PodmanFlagForm {
        FLAG_VALUE,    /* --option=VALUE or --option VALUE */
        FLAG_LIST,     /* the same, and VALUE may be several with commas between */
        FLAG_NONE,     /* --option or --option=true, which sets its key to "none" */
        FLAG_SWITCH,   /* --option or --option=BOOLEAN */
        FLAG_SECURITY, /* --security-opt, a family of its own */
        FLAG_NOTHING,  /* asks for what is so anyway; a switch */
} PodmanFlagForm;

typedef struct PodmanFlag {
        const char *name; /* "--memory" */
        PodmanFlagForm form;
        const char *key;     /* of [Container], or of podman_section */
        const char *refusal; /* why it is refused, NULL when it is not */
} PodmanFlag;

extern const PodmanFlag podman_flags[];
extern const size_t n_podman_flags;

/* Return: NULL for what is not in the table. */
const PodmanFlag *podman_flag_find(const char *name);

/* The key of [Container] that "NAME=VALUE" of --security-opt means, older "NAME:VALUE". */
bool podman_security_find(const char *text, const char **ret_key, const char **ret_value);

/* Rows for what has no key: CpuShares, Cpus and so on. */
extern const KeySection podman_section;
