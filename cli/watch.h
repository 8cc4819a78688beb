/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A unit, while it changes
 *
 * Follows what the service manager says of a unit, so that its end is known
 * even if the unit is forgotten in the same moment. Nothing is asked; whoever
 * watches from before the start knows all.
 */

#include <systemd/sd-bus.h>

#include "cli/job.h"

typedef struct UnitWatch {
        UnitReport report;
        sd_bus_slot *slot;
} UnitWatch;

/* Return: 0, or -errno with a fault. */
int unit_watch_open(UnitWatch *watch, sd_bus *bus, const char *unit, Fault *fault);

/*
 * Whether it is neither running nor about to, by what was said last. What is said before a start may be of a
 * unit that nobody but somebody curious has loaded; once the job of the start is done, it is of this one.
 */
bool unit_watch_is_over(const UnitWatch *watch);

void unit_watch_close(UnitWatch *watch);
