/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the service manager says of units
 *
 * Root asks it directly, which also works where no bus is running; others by
 * the system bus.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

typedef struct UnitState {
        char *unit;
        char *path;      /* of its object on the bus */
        char active[16]; /* active, activating, deactivating, inactive, failed, reloading */
        char sub[24];

        /* From manager_details(): */
        uint64_t since; /* microseconds since the epoch, 0 when it never ran */
        char *status;   /* STATUS= of sd_notify(3); NULL when there is none */
        char *result;   /* why it failed: exit-code, oom-kill; NULL when it did not */
} UnitState;

typedef struct UnitStates {
        UnitState *states; /* only of units that are loaded */
        size_t n;
} UnitStates;

/* Connects to the system's manager, or to the user's own. Return: 0, or -errno with a fault that says what
 * is wrong. */
int manager_connect(bool is_user, sd_bus **ret, Fault *fault);

/* Asks for all units whose names match one of the patterns, in one call. Return: 0, or -errno with a fault.
 */
int manager_states(sd_bus *bus, char *const *patterns, UnitStates *ret, Fault *fault);

/* What the list of units does not say. It costs some calls, so ask for units that have something to say. One
 * that is gone meanwhile has nothing more to say. */
void manager_details(sd_bus *bus, UnitState *state);

/* A property of a service that is a text, wherever in it. Return: a new text; NULL when it is empty or not
 * known. */
char *manager_unit_text(sd_bus *bus, const char *unit, const char *property);

/* The same for a list of texts, which is the caller's. */
char **manager_unit_list(sd_bus *bus, const char *unit, const char *property);

/* Return: NULL when the unit is not loaded. */
const UnitState *unit_states_find(const UnitStates *states, const char *unit);

void unit_states_done(UnitStates *states);
