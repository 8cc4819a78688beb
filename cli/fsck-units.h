/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether units, and what the service manager knows of them, fit what is there
 *
 * Units that the generator would write otherwise now, FIFOs of sockets that
 * nobody listens at, processes of units that do not run, leases of user ids
 * whose container is no more.
 */

#include <systemd/sd-bus.h>

#include "lib/finding.h"

/* As is_in_motion of StateCheck; @data is the bus. */
bool fsck_is_in_motion(void *data, const char *unit);

/* @bus may be NULL: then what only the manager knows is left out. Return: 0, or -errno with a fault. */
int fsck_units(sd_bus *bus, Findings *findings, Fault *fault);
