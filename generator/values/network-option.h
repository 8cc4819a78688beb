/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Drivers of networks, and their options. */

#include "generator/values/value.h"

typedef enum NetworkDriver {
        NETWORK_BRIDGE = 1 << 0,
        NETWORK_MACVLAN = 1 << 1,
        NETWORK_IPVLAN = 1 << 2,
        NETWORK_WIREGUARD = 1 << 3,
} NetworkDriver;

/* Of what network_parse_driver() gives; NULL is a bridge. */
NetworkDriver network_driver_from_string(const char *text);

ValueParse network_parse_driver; /* bridge, macvlan, ipvlan, wireguard */
ValueParse network_parse_ipam;   /* host-local, none */

/* KEY=VALUE, as --option= of slipway-net(8) has it; Docker's names are replaced by ours. */
ValueParse network_parse_option;

/**
 * network_option_check() - whether a driver has an option
 * @option:     as network_parse_option() gives it
 *
 * Return: 0, or as a ValueParse.
 */
int network_option_check(const char *option, const char *driver, Fault *fault);

/* Orders "KEY=VALUE" by key, for qsort(3) of a list of texts. */
int network_option_compare(const void *a, const void *b);
