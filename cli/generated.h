/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The units that the generator made, and those that slipway run did
 *
 * The first are told by their first line, and say in a section [X-Slipway]
 * what they are; of the others there are the service manager's notes, which
 * have the launcher's command line. Reading them needs neither the service
 * manager nor the manifests.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/cleanup.h"

typedef struct GeneratedUnit {
        char *unit;      /* web.service, or greet@.service */
        char *kind;      /* "container", "fault"; of those that are no containers "network", "pod", … */
        char *container; /* NULL in faults; may have specifiers in templates */
        char *image;
        char *source;  /* the manifest */
        char *network; /* of a network's unit: what it is called */
        char *pod;     /* the same of a pod's; of a container the one that it is in */
        char *fault;   /* the first of them, told with its place; NULL when there is none */
        bool is_template;
        bool is_transient; /* of slipway run: gone when it has stopped */
        bool is_left; /* what it was when its manifest was removed, see generator/kept.h: gone then, too */
} GeneratedUnit;

typedef struct GeneratedUnits {
        GeneratedUnit *units; /* by name */
        size_t n;
} GeneratedUnits;

/**
 * generated_read() - read what containers there are, and what would be some but for their faults, from what
 * is in the generator's directories
 * @directories:        NULL-terminated; of units with the same name the first one counts
 *
 * A directory that does not exist has no units.
 *
 * Return: 0 or -errno.
 */
int generated_read(const char *const *directories, GeneratedUnits *ret);

/* The same for units of another kind: "network". Those with faults are of none. */
int generated_read_kind(const char *const *directories, const char *kind, GeneratedUnits *ret);

/**
 * generated_instance() - what a template is for one of its instances
 * @template:   a unit with is_template
 * @unit:       greet@world.service
 *
 * Return: 0 or -ENOMEM.
 */
int generated_instance(const GeneratedUnit *template, const char *unit, GeneratedUnit *ret);

int generated_copy(const GeneratedUnit *unit, GeneratedUnit *ret);

/* Puts a unit on the list, which owns it from then on, also on failure. */
int generated_add(GeneratedUnits *units, GeneratedUnit *unit);

void generated_sort(GeneratedUnits *units);

void generated_unit_done(GeneratedUnit *unit);
void generated_done(GeneratedUnits *units);
