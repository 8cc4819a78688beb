/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Ports: what PublishPort= and ExposeHostPort= take. */

#include <stdint.h>

#include "generator/values/value.h"

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

ValueParse port_parse_publish; /* as port_parse() */
ValueParse port_parse_expose;  /* PORT[-PORT][/tcp|/udp] */
