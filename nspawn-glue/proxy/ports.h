/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which port of the container a socket leads to, by the address that it listens on. */

#include <stddef.h>

#include "lib/address.h"
#include "lib/port.h"

typedef struct PortTable {
        Port *ports;
        Address *addresses; /* of each, not set for all */
        size_t n;
} PortTable;

void ports_done(PortTable *table);

/* Adds what port_parse() takes, with a port of the host. Return: 0, or -errno with a fault. */
int ports_add(PortTable *table, const char *text, Fault *fault);

/**
 * ports_find() - where a socket leads to
 * @protocol:   "tcp" or "udp"
 *
 * Who names the address comes before who names none. Return: a port, 0 for nowhere.
 */
uint16_t ports_find(const PortTable *table, const char *protocol, const Address *address, uint16_t port);
