/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Socket activation: Activation=socket in [Slipway], and [Socket]
 *
 * A manifest can become two units. What is in [Socket] goes into "web.socket"
 * as it is; systemd listens there, starts "web.service" when somebody comes,
 * and the container has the sockets.
 */

#include "generator/arena.h"
#include "generator/quadlet/manifest.h"
#include "generator/unit/writer.h"

/* Finds out whether there is to be a socket unit, and names it: manifest->socket. Return: 0 or -ENOMEM. */
int sockets_name(Manifest *manifest, Arena *arena);

/* What is wrong with [Socket]. */
void sockets_check(const Manifest *manifest, FaultList *faults);

/* The service can be started without anybody having come; it has its sockets all the same. */
void sockets_write_service(const Manifest *manifest, UnitWriter *unit);

/* The socket unit itself, for a manifest that has one. Failures stick to the writer. */
void sockets_write_unit(const Manifest *manifest, UnitWriter *unit);
