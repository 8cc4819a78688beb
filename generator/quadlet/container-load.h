/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is known while a .container file is being read
 *
 * Shared by the files that do it: container-load.c walks through the lines,
 * key-set.c turns one into a value of the model, podman-args.c does so for
 * the options in PodmanArgs=, container-check.c looks at what can only be
 * judged when all are there.
 */

#include "generator/frontend.h"
#include "generator/model/container.h"
#include "generator/quadlet/keys.h"

#define KEYS_MAX 128

/* What is known of a key. */
typedef struct KeyState {
        const Assignment *given; /* the last line that set it, NULL when none does */
        const char *later;       /* it asks for something that is not supported yet, which is this */
        Place later_place;       /* the first line that does */
} KeyState;

typedef struct ContainerLoad {
        const Manifest *manifest;
        const ManifestSet *all;
        FaultList *faults;
        Container *container;
        bool has_arguments;        /* there is a PodmanArgs= line */
        KeyState states[KEYS_MAX]; /* by index in container_keys */
} ContainerLoad;

/* NULL for a row that is not in [Container]. */
KeyState *load_state(ContainerLoad *load, const KeyRow *row);

/* The line that set a key of [Container]; NULL when none does. */
const Assignment *load_given(ContainerLoad *load, const char *key);

/* A fault about a key: at its line, or about the file if it has none. */
int load_fault(ContainerLoad *load, const char *key, FaultKind kind, const char *format, ...)
                __attribute__((format(printf, 4, 5)));

/**
 * key_set_line() - take one line of a manifest
 * @row:        what its key means; neither refused nor KEY_ARGUMENTS
 *
 * Faults are put on the list. Return: 0, or -ENOMEM.
 */
int key_set_line(ContainerLoad *load, const KeyRow *row, const Assignment *line);

/* The same for a single item that stands somewhere in @line, at @place. */
int key_set_item(ContainerLoad *load, const KeyRow *row, const Assignment *line, const char *text,
                const Place *place);

/* Takes all that lines of a key have set back. */
void key_reset(ContainerLoad *load, const KeyRow *row);

/* All PodmanArgs= lines, after all other keys, as podman sees them last. */
int podman_args_apply(ContainerLoad *load);

/* Looks whether the item that was added last is mounted where something else is. */
void mount_targets_check(ContainerLoad *load, const KeyRow *row, const Place *place);

/* What keys mean to each other. */
int container_check(ContainerLoad *load);
