/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Options of podman's commands that create what a container needs. */

#include "generator/quadlet/podman-flags.h"
#include "lib/cleanup.h"

/* clang-format off */
/* Sorted by name, as in strcmp(3). */
static const PodmanFlag network_flags[] = {
        { "--disable-dns",        FLAG_SWITCH,   "DisableDNS",        NULL },
        { "--dns",                FLAG_LIST,     "DNS",               NULL },
        { "--driver",             FLAG_VALUE,    "Driver",            NULL },
        { "--gateway",            FLAG_VALUE,    "Gateway",           NULL },
        { "--ignore",             FLAG_NOTHING,  NULL,                NULL },
        { "--interface-name",     FLAG_VALUE,    "InterfaceName",     NULL },
        { "--internal",           FLAG_SWITCH,   "Internal",          NULL },
        { "--ip-range",           FLAG_VALUE,    "IPRange",           NULL },
        { "--ipam-driver",        FLAG_VALUE,    "IPAMDriver",        NULL },
        { "--ipv6",               FLAG_SWITCH,   "IPv6",              NULL },
        { "--label",              FLAG_VALUE,    "Label",             NULL },
        { "--opt",                FLAG_VALUE,    "Options",           NULL },
        { "--route",              FLAG_VALUE,    "Route",             NULL },
        { "--subnet",             FLAG_VALUE,    "Subnet",            NULL },
        { "-d",                   FLAG_VALUE,    "Driver",            NULL },
        { "-o",                   FLAG_VALUE,    "Options",           NULL },
};
const PodmanFlagSet podman_network_flags = { network_flags, ELEMENTS(network_flags),
        { &network_section, &network_slipway_section, NULL } };
/* clang-format on */
