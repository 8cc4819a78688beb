/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/model/network.h"
#include "generator/quadlet/keys.h"
#include "generator/values/env.h"
#include "generator/values/network-option.h"
#include "generator/values/network.h"
#include "generator/values/subnet.h"
#include "generator/values/word.h"
#include "lib/cleanup.h"

/* clang-format off */
/* A row whose shape does not suit the type of its field does not compile. */
#define AT(member, type) offsetof(Network, member) \
        + 0 * _Generic(((Network *) NULL)->member, type: 1)

#define TEXT(member, parser)    KEY_TEXT,      AT(member, char *),  parser, NULL, NULL, false
#define CHOICE(member)          KEY_CHOICE,    AT(member, Choice),  NULL,   NULL, NULL, false
#define LINES(member, parser)   KEY_LINES,     AT(member, char **), parser, NULL, NULL, false
#define ESCAPED(member, parser) KEY_ESCAPED,   AT(member, char **), parser, NULL, NULL, false
#define ARGUMENTS               KEY_ARGUMENTS, 0,                   NULL,   NULL, NULL, false
#define REFUSED(why)            KEY_REFUSED,   0,                   NULL,   NULL, why,  false

/* Sorted by name, as in strcmp(3). */
static const KeyRow network_keys[] = {
        { "ContainersConfModule", REFUSED("there is no containers.conf; its settings are keys of the manifest"),
                                  "a module of containers.conf" },
        { "DNS",                  LINES(dns, subnet_parse_address),           "a name server" },
        { "DisableDNS",           CHOICE(disable_dns),                        "whether containers have no names there" },
        { "Driver",               TEXT(driver, network_parse_driver),         "what sort of network it is" },
        { "Gateway",              LINES(gateways, subnet_parse_address),      "the address of this machine in a subnet" },
        { "GlobalArgs",           REFUSED("there is no podman to pass them to"),
                                  "options of podman itself" },
        { "IPAMDriver",           TEXT(ipam, network_parse_ipam),             "who gives addresses" },
        { "IPRange",              LINES(ranges, subnet_parse_range),          "addresses of a subnet that are given" },
        { "IPv6",                 CHOICE(ipv6),                               "whether there is a subnet of IPv6" },
        { "InterfaceName",        TEXT(interface, network_parse_interface),   "the bridge, or the interface below" },
        { "Internal",             CHOICE(internal),                           "whether nothing leads out" },
        { "Label",                ESCAPED(labels, label_parse),               "labels for others to read" },
        { "NetworkDeleteOnStop",  CHOICE(delete_on_stop),                     "whether what was chosen for it is forgotten" },
        { "NetworkName",          TEXT(name, value_parse_name),               "what the network is called" },
        { "Options",              ESCAPED(options, network_parse_option),     "options of the driver" },
        { "PodmanArgs",           ARGUMENTS,                                  "options of podman network create that have a meaning here" },
        { "ServiceName",          TEXT(service, word_parse_service),          "the unit, in place of the manifest's name" },
        { "Subnet",               LINES(subnets, subnet_parse),               "a subnet" },
};
const KeySection network_section = { "Network", network_keys, ELEMENTS(network_keys) };

static const KeyRow network_slipway_keys[] = {
        { "Config",               TEXT(config, value_parse_absolute_path),    "the configuration of a WireGuard link" },
        { "Resolver",             CHOICE(resolver),                           "whether somebody answers DNS for it" },
        { "Route",                LINES(routes, subnet_parse_route),          "a route for who is in it" },
};
const KeySection network_slipway_section = { "Slipway", network_slipway_keys, ELEMENTS(network_slipway_keys) };
/* clang-format on */
