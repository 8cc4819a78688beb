/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Containers by name
 *
 * What a person calls a container: its name, its unit with or without
 * ".service", or a pattern. All verbs that take NAME ask here.
 *
 *     r = containers_read(false, &units, fault);
 *     r = container_find(&units, "web", &unit, fault);     unit.unit is "web.service"
 */

#include "cli/generated.h"
#include "cli/manager.h"
#include "lib/fault.h"

/* Units of the generator's directories and of slipway run. Return: 0, or -errno with a fault. */
int containers_read(bool is_user, GeneratedUnits *ret, Fault *fault);

/* Of the system's manager those of another kind: "network". */
int containers_read_kind(const char *kind, GeneratedUnits *ret, Fault *fault);

/* What to ask the service manager for: all units, and all instances of templates. */
int containers_patterns(const GeneratedUnits *units, char ***ret);

/* Templates are not containers; their instances are, if the service manager has loaded them. */
int containers_add_instances(GeneratedUnits *units, const UnitStates *states);

/* "web", or the unit without ".service" for what has no name; @buffer is for that. */
const char *container_name(const GeneratedUnit *unit, char *buffer, size_t size);

/**
 * container_find() - the container that somebody means
 * @units:      as read, maybe with instances added
 * @word:       "web", "web.service", "web@1", "web@1.service", or the name of whatever runs
 * @ret:        a copy, to be given back with generated_unit_done()
 *
 * Return: 0, or -ENOENT with a fault that names what is near.
 */
int container_find(const GeneratedUnits *units, const char *word, GeneratedUnit *ret, Fault *fault);

/**
 * containers_select() - all containers that somebody means
 * @words:      as container_find(), or patterns of glob(7); NULL for all that are no templates
 * @ret:        copies, each unit once, in the order of @words
 *
 * A pattern that nothing matches is a fault, too.
 */
int containers_select(const GeneratedUnits *units, char *const *words, GeneratedUnits *ret, Fault *fault);
