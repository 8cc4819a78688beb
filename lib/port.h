/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Published ports, as podman-run(1) has them: what the generator checks and the launcher opens. */

#include <stdint.h>

#include "lib/fault.h"

/* From one port to another, both included. A single port is from itself to itself. */
typedef struct PortRange {
        uint16_t first, last;
} PortRange;

typedef struct Port {
        char address[64]; /* that is listened on; empty for all */
        PortRange host;   /* zeros: any that is free */
        PortRange container;
        char protocol[8]; /* tcp, udp, sctp */
} Port;

/**
 * port_parse() - [[ADDRESS:][HOST]:]CONTAINER[/PROTOCOL]
 * @text:       without expansions; ports may be ranges, an IPv6 address stands in brackets
 *
 * Return: 0, or -EINVAL with a fault and @ret untouched.
 */
int port_parse(const char *text, Port *ret, Fault *fault);

/* The shortest text that means the port; tcp is left out. Return: NULL without memory. */
char *port_to_text(const Port *port);

/* PORT[-PORT]; takes @text to pieces. Return: 0, or -EINVAL with a fault. */
int port_range_parse(char *text, PortRange *ret, Fault *fault);
