/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Networks that a container or a pod can be in
 *
 * What is written is MODE or NAME[:OPTION,…], where NAME may be "cni:" and the name of a network of CNI. In
 * the normal form, which the launcher reads, the default network has its name, options are those of
 * slipway-nspawn(8), and addresses are as inet_ntop(3) writes them. Names of manifests stay: who knows all
 * manifests puts what they are called in their place.
 */

#include "generator/values/value.h"

/* The default network, whatever Podman calls it. */
#define NETWORK_DEFAULT "slipway"

typedef enum NetworkSort {
        NETWORK_SORT_PRIVATE, /* "private": the default network, where the unit has none of its own */
        NETWORK_SORT_NONE,
        NETWORK_SORT_HOST,
        NETWORK_SORT_NS,        /* "ns:PATH" */
        NETWORK_SORT_CONTAINER, /* "container:NAME" */
        NETWORK_SORT_POD,       /* "pod:NAME" */
        NETWORK_SORT_NAMED,     /* all else, manifests too */
} NetworkSort;

/* Of what network_parse() gives back, or what has become of it. */
NetworkSort network_sort(const char *text);

/* Where the name of one by name ends: at its options, or with it. */
size_t network_name_length(const char *text);

/* Whether it is one of CNI, which no manifest makes. */
bool network_is_of_cni(const char *text);

ValueParse network_parse;
ValueParse network_parse_alias;     /* a host name for others on the network */
ValueParse network_parse_mac;       /* 02:00:00:00:00:01 */
ValueParse network_parse_interface; /* network_is_interface() */
ValueParse network_parse_ip;        /* IPv4 */
ValueParse network_parse_ip6;       /* IPv6 */

/* Whether the kernel would take it as the name of an interface, and nobody mistake it: 1 to 15 of letters,
 * digits, '_', '.' and '-'. */
bool network_is_interface(const char *text);
