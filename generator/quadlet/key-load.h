/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is known while the keys of a manifest are being read
 *
 * Shared by all that do it: key-load.c walks through the lines of a section,
 * key-set.c turns one into a value of the model, podman-args.c does so for
 * the options in PodmanArgs=, and container-check.c and its like look at what
 * can only be judged when all are there.
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

typedef struct KeyLoad {
        const Manifest *manifest;
        const ManifestSet *all;
        FaultList *faults;
        void *model;                       /* what rows are about */
        Container *container;              /* the same, if that is what it is; NULL otherwise */
        const KeySection *main;            /* the section that is named after the type of manifest */
        const struct PodmanFlagSet *flags; /* what PodmanArgs= may say; NULL where there is no such key */
        bool has_arguments;                /* there is a PodmanArgs= line */
        KeyState states[KEYS_MAX];         /* by index in the rows of @main */
} KeyLoad;

/* Takes all lines of a section. Faults are put on the list. Return: 0 or -ENOMEM. */
int load_section(KeyLoad *load, const KeySection *section);

/* All PodmanArgs= lines, after all other keys, as podman sees them last. Return: 0 or -ENOMEM. */
int podman_args_apply(KeyLoad *load);

/* Tells of all that was asked for and is not supported yet. */
void load_raise_later(KeyLoad *load);

/* NULL for a row that is not in the main section. */
KeyState *load_state(KeyLoad *load, const KeyRow *row);

/* The line that set a key of the main section; NULL when none does. */
const Assignment *load_given(KeyLoad *load, const char *key);

/* A fault about a key: at its line, or about the file if it has none. */
int load_fault(KeyLoad *load, const char *key, FaultKind kind, const char *format, ...)
                __attribute__((format(printf, 4, 5)));

/**
 * key_set_line() - take one line of a manifest
 * @row:        what its key means; neither refused nor KEY_ARGUMENTS
 *
 * Faults are put on the list. Return: 0, or -ENOMEM.
 */
int key_set_line(KeyLoad *load, const KeyRow *row, const Assignment *line);

/* The same for a single item that stands somewhere in @line, at @place. */
int key_set_item(KeyLoad *load, const KeyRow *row, const Assignment *line, const char *text,
                const Place *place);

/* Takes all that lines of a key have set back. */
void key_reset(KeyLoad *load, const KeyRow *row);
