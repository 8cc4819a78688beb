/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Socket activation: Activation=socket in [Slipway], and [Socket]
 *
 * A manifest can become two units. What is in [Socket] goes into "web.socket"
 * as it is; systemd listens there, starts "web.service" when somebody comes,
 * and the container has the sockets.
 *
 * Without [Socket] it is about ports in PublishPort=, and there are three
 * units: plan/proxy-unit.c has the socket and the proxy between it and the
 * container.
 */

#include "generator/arena.h"
#include "generator/quadlet/manifest.h"
#include "generator/unit/writer.h"

/* Finds out whether there is to be a socket unit, and names it: manifest->socket. Return: 0 or -ENOMEM. */
int sockets_name(Manifest *manifest, Arena *arena);

/* Whether it is its ports that start the container: the app need not know of sockets. */
bool sockets_are_ports(const Manifest *manifest);

/* "web-proxy.service", "web-proxy@.service": who has the ports then. Return: NULL when out of memory. */
const char *sockets_proxy_name(const Manifest *manifest, Arena *arena);

/* What is wrong with [Socket]. */
void sockets_check(const Manifest *manifest, FaultList *faults);

/* The service can be started without anybody having come; it has its sockets all the same. */
void sockets_write_service(const Manifest *manifest, UnitWriter *unit);

/* Its [Unit] section, for who writes the rest. */
void sockets_write_head(const Manifest *manifest, UnitWriter *unit);

/* The socket unit itself, for a manifest that has one. Failures stick to the writer. */
void sockets_write_unit(const Manifest *manifest, UnitWriter *unit);
