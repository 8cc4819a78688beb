/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A network: what "slipway-net up" was asked for, and what came of it
 *
 * The same struct is a wish (subnets may be missing) and the record of a network that is up (they are all
 * there, with gateway and range). Records are JSON, for others to read; slipway-net(8) has the fields.
 */

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "lib/address.h"
#include "lib/fault.h"
#include "nspawn-glue/net/state.h"

/* The one that is there without a file. */
#define NETWORK_DEFAULT "slipway"

/* In front of the name of one that is configured in /etc/cni/net.d. */
#define NETWORK_CNI "cni:"

/* In front of the name of the network that a bridge is of, in the bridge's alias. */
#define NETWORK_ALIAS "slipway:"

typedef enum NetworkDriver {
        DRIVER_BRIDGE,
        DRIVER_MACVLAN,
        DRIVER_IPVLAN,
        DRIVER_WIREGUARD,
        DRIVER_CNI, /* of somebody else's programs: it has no unit, and no record */
        _DRIVER_MAX,
} NetworkDriver;

/* From which other networks it is kept apart. */
typedef enum NetworkIsolation {
        ISOLATION_NONE,
        ISOLATION_ISOLATED, /* from those that are so, too */
        ISOLATION_STRICT,   /* from all */
        _ISOLATION_MAX,
} NetworkIsolation;

enum { SUBNETS_MAX = 8 };

typedef struct Subnet {
        Prefix prefix;
        Address gateway;     /* not set: none */
        Address first, last; /* what may be given away, both included */
        bool is_chosen;      /* by us, so that another would do */
} Subnet;

typedef struct NetworkRoute {
        Prefix destination;
        Address gateway; /* not set: by the network's own */
        uint32_t metric; /* 0: the kernel's choice */
} NetworkRoute;

enum { ROUTES_MAX = 32 };

typedef struct Network {
        char name[NETWORK_NAME_MAX + 1];
        NetworkDriver driver;
        char interface[IFNAMSIZ]; /* the bridge, or what a macvlan stands on; "" is chosen */
        char mode[16];            /* of macvlan and ipvlan: "bridge", "l2", …; "" is the usual one */
        char config[256];         /* of WireGuard: the file that it was read from */
        bool internal;            /* no way out, and none in */
        bool no_names;            /* its containers do not find each other by name */
        bool resolver;            /* a responder answers on its gateway */
        bool no_default_route;
        bool no_ipam; /* addresses are somebody else's business */
        NetworkIsolation isolation;
        bool wants_ipv6, refuses_ipv6;
        unsigned mtu, vlan;
        uint32_t metric;
        Subnet subnets[SUBNETS_MAX];
        size_t n_subnets;
        NetworkRoute routes[ROUTES_MAX];
        size_t n_routes;
        char **servers;  /* name servers of its containers */
        char **searches; /* domains that they look for names in */
        char **labels;   /* KEY=VALUE */
} Network;

void network_done(Network *network);

/* Whether that is "cni:" and something. */
bool network_is_cni(const char *name);

/* Return: NULL for a number that names none. */
const char *network_driver_to_string(NetworkDriver driver);
int network_driver_find(const char *text);
const char *network_isolation_to_string(NetworkIsolation isolation);
int network_isolation_from_string(const char *text);

/**
 * network_read() - a network that is up
 *
 * One of CNI always is, and is known by its name only: nobody can tell what it will give.
 *
 * Return: 0, -ENOENT with a fault that says how to bring it up, -errno.
 */
int network_read(const char *name, Network *ret, Fault *fault);

int network_write(const Network *network);

/* What a record has in it. Return: NULL without memory; 0, -EBADMSG when it is not in order, -ENOMEM. */
json_t *network_to_json(const Network *network);
int network_from_json(const json_t *document, const char *name, Network *ret);

/* "DESTINATION[,GATEWAY[,METRIC]]". Return: 0, or -EINVAL with a fault. */
int network_route_parse(const char *text, NetworkRoute *ret, Fault *fault);

/* What a host of a subnet may have: not the address of the subnet itself, nor in IPv4 the one for
 * broadcasts. */
void subnet_hosts(const Prefix *prefix, Address *ret_first, Address *ret_last);

/* The gateway of its first subnet of that family; NULL for none. */
const Address *network_gateway(const Network *network, int family);

/* The names of all networks that are up, sorted. */
int network_list(char ***ret);
