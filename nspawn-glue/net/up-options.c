/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/up-options.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/request.h"

typedef int TakeOption(Network *network, const char *value, Fault *fault);

static int wrong(Fault *fault, const char *value, const char *what) {
        return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is not %s", value, what);
}

static int take_driver(Network *network, const char *value, Fault *fault) {
        int driver = network_driver_find(value);

        if (driver < 0 || driver == DRIVER_CNI)
                return wrong(fault, value, "a driver: bridge, macvlan, ipvlan or wireguard");
        network->driver = (NetworkDriver) driver;
        return 0;
}

static int take_interface(Network *network, const char *value, Fault *fault) {
        if (!interface_name_is_valid(value))
                return wrong(fault, value,
                                "the name of an interface: at most 15 letters, digits, '_', '.' and '-'");
        (void) strcpy(network->interface, value);
        return 0;
}

static int take_subnet(Network *network, const char *value, Fault *fault) {
        Subnet subnet = {};

        if (prefix_parse(value, &subnet.prefix) < 0)
                return wrong(fault, value, "a subnet: ADDRESS/LENGTH");
        if (network->n_subnets == SUBNETS_MAX)
                return fault_raise(fault, FAULT_VALUE, E2BIG, "there are more than %d subnets", SUBNETS_MAX);
        subnet.prefix = prefix_network(&subnet.prefix);
        network->subnets[network->n_subnets++] = subnet;
        return 0;
}

static Subnet *last_subnet(Network *network) {
        return network->n_subnets > 0 ? &network->subnets[network->n_subnets - 1] : NULL;
}

/* Whether a host of the subnet can have one of the addresses from @first to @last. */
static bool has_host(const Subnet *subnet, const Address *first, const Address *last) {
        Address low, high;

        subnet_hosts(&subnet->prefix, &low, &high);
        return prefix_contains(&subnet->prefix, first) && prefix_contains(&subnet->prefix, last) &&
               address_compare(first, last) <= 0 && address_compare(last, &low) >= 0 &&
               address_compare(first, &high) <= 0;
}

static int take_gateway(Network *network, const char *value, Fault *fault) {
        Subnet *subnet = last_subnet(network);
        Address gateway;

        if (address_parse(value, &gateway) < 0)
                return wrong(fault, value, "an address");
        if (!subnet)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a gateway needs a subnet before it");
        if (!has_host(subnet, &gateway, &gateway))
                return wrong(fault, value, "an address of a host in its subnet");
        subnet->gateway = gateway;
        return 0;
}

/* FIRST-LAST, or a part of the subnet as ADDRESS/LENGTH. */
static int take_range(Network *network, const char *value, Fault *fault) {
        Subnet *subnet = last_subnet(network);
        char copy[2 * ADDRESS_TEXT_MAX], *dash;
        Address first, last;
        Prefix part;

        if (!subnet)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a range needs a subnet before it");
        (void) snprintf(copy, sizeof(copy), "%s", value);
        dash = strchr(copy, '-');
        if (dash)
                *dash++ = '\0';
        if (dash ? address_parse(copy, &first) < 0 || address_parse(dash, &last) < 0
                 : prefix_parse(copy, &part) < 0)
                return wrong(fault, value, "a range: ADDRESS/LENGTH or ADDRESS-ADDRESS");
        if (!dash) {
                first = prefix_network(&part).address;
                last = prefix_last(&part);
        }
        if (!has_host(subnet, &first, &last))
                return wrong(fault, value, "a range of its subnet");
        subnet->first = first;
        subnet->last = last;
        return 0;
}

static int take_ipv6(Network *network, const char *value, Fault *fault) {
        if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
                return wrong(fault, value, "yes or no");
        network->wants_ipv6 = strcmp(value, "yes") == 0;
        network->refuses_ipv6 = !network->wants_ipv6;
        return 0;
}

static int take_internal(Network *network, const char *value, Fault *fault) {
        network->internal = true;
        return 0;
}

static int take_no_dns(Network *network, const char *value, Fault *fault) {
        network->no_names = true;
        return 0;
}

static int take_resolver(Network *network, const char *value, Fault *fault) {
        network->resolver = true;
        return 0;
}

static int take_ipam(Network *network, const char *value, Fault *fault) {
        if (strcmp(value, "none") != 0 && strcmp(value, "host-local") != 0)
                return wrong(fault, value, "a way to give addresses: host-local or none");
        network->no_ipam = strcmp(value, "none") == 0;
        return 0;
}

static int take_dns(Network *network, const char *value, Fault *fault) {
        Address server;

        return address_parse(value, &server) < 0 ? wrong(fault, value, "an address")
                                                 : strv_append(&network->servers, value);
}

static int take_route(Network *network, const char *value, Fault *fault) {
        int r;

        if (network->n_routes == ROUTES_MAX)
                return fault_raise(fault, FAULT_VALUE, E2BIG, "there are more than %d routes", ROUTES_MAX);
        r = network_route_parse(value, &network->routes[network->n_routes], fault);
        network->n_routes += r >= 0;
        return r;
}

static int take_config(Network *network, const char *value, Fault *fault) {
        if (*value != '/' || strlen(value) >= sizeof(network->config))
                return wrong(fault, value, "an absolute path of at most 255 bytes");
        (void) strcpy(network->config, value);
        return 0;
}

static int take_label(Network *network, const char *value, Fault *fault) {
        return strv_append(&network->labels, value);
}

static int take_number(
                const char *value, unsigned long min, unsigned long max, unsigned *ret, Fault *fault) {
        char *end;
        unsigned long number = strtoul(value, &end, 10);

        if (!isdigit((unsigned char) *value) || *end || number < min || number > max)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is not a number from %lu to %lu",
                                value, min, max);
        *ret = (unsigned) number;
        return 0;
}

static bool is_true(const char *value) {
        return strcmp(value, "true") == 0 || strcmp(value, "1") == 0 || strcmp(value, "yes") == 0 || !*value;
}

static int set_mtu(Network *network, const char *value, Fault *fault) {
        return take_number(value, 68, 65535, &network->mtu, fault);
}

static int set_vlan(Network *network, const char *value, Fault *fault) {
        return take_number(value, 1, 4094, &network->vlan, fault);
}

static int set_metric(Network *network, const char *value, Fault *fault) {
        return take_number(value, 1, UINT32_MAX, &network->metric, fault);
}

static int set_isolate(Network *network, const char *value, Fault *fault) {
        int isolation = network_isolation_from_string(*value ? value : "true");

        if (isolation < 0)
                return wrong(fault, value, "true, false or strict");
        network->isolation = (NetworkIsolation) isolation;
        return 0;
}

static int set_no_default_route(Network *network, const char *value, Fault *fault) {
        network->no_default_route = is_true(value);
        return 0;
}

static int set_mode(Network *network, const char *value, Fault *fault) {
        static const char *const modes[] = { "bridge", "private", "vepa", "passthru", "l2", "l3", "l3s" };

        for (size_t i = 0; i < ELEMENTS(modes); i++)
                if (strcmp(value, modes[i]) == 0) {
                        (void) strcpy(network->mode, value);
                        return 0;
                }
        return wrong(fault, value,
                        "a mode: bridge, private, vepa or passthru of macvlan, l2, l3 or l3s of ipvlan");
}

/* What podman-network-create(1) has as --opt, and Docker's words for the same. */
static const struct {
        const char *name;
        TakeOption *take;
} settings[] = {
        { "mtu", set_mtu },
        { "com.docker.network.driver.mtu", set_mtu },
        { "vlan", set_vlan },
        { "metric", set_metric },
        { "isolate", set_isolate },
        { "no_default_route", set_no_default_route },
        { "mode", set_mode },
        { "parent", take_interface },
        { "com.docker.network.bridge.name", take_interface },
};

static int take_option(Network *network, const char *value, Fault *fault) {
        const char *is = strchr(value, '=');
        size_t n = is ? (size_t) (is - value) : strlen(value);

        for (size_t i = 0; i < ELEMENTS(settings); i++)
                if (strlen(settings[i].name) == n && strncmp(settings[i].name, value, n) == 0)
                        return settings[i].take(network, is ? is + 1 : "", fault);
        return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP, "a network has no option '%.*s'", (int) n,
                        value);
}

static const struct {
        const char *name;
        bool has_value;
        TakeOption *take;
} rows[] = {
        { "driver", true, take_driver },
        { "interface", true, take_interface },
        { "subnet", true, take_subnet },
        { "gateway", true, take_gateway },
        { "ip-range", true, take_range },
        { "ipv6", true, take_ipv6 },
        { "internal", false, take_internal },
        { "ipam", true, take_ipam },
        { "dns", true, take_dns },
        { "no-dns", false, take_no_dns },
        { "option", true, take_option },
        { "route", true, take_route },
        { "config", true, take_config },
        { "resolver", false, take_resolver },
        { "label", true, take_label },
};

static int take_word(Network *network, const char *word, Fault *fault) {
        const char *name = word + 2, *is = strchr(word, '=');
        size_t n = is ? (size_t) (is - name) : strlen(name);

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                if (strlen(rows[i].name) != n || strncmp(rows[i].name, name, n) != 0)
                        continue;
                fault_locate(fault, &(Place){ .key = rows[i].name });
                if (rows[i].has_value != (is != NULL))
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "--%s takes %s", rows[i].name,
                                        is ? "no value" : "a value");
                return rows[i].take(network, is ? is + 1 : "", fault);
        }
        return fault_raise(fault, FAULT_VALUE, EINVAL, "there is no option '%.100s'", word);
}

/* All of it is in the file. */
static int check_wireguard(const Network *network, Fault *fault) {
        if (!*network->config)
                return fault_raise(fault, FAULT_MISSING, EINVAL,
                                "a network of driver wireguard needs --config=, a file as wg-quick(8) reads "
                                "it");
        if (network->n_subnets > 0 || network->internal || network->no_ipam || network->resolver)
                return fault_raise(fault, FAULT_CONFLICT, EINVAL,
                                "subnets, and who gives addresses, are no options of a network of driver "
                                "wireguard: '%s' says them",
                                network->config);
        return 0;
}

/* Of macvlan and ipvlan the containers are on somebody else's network, and that has to be told. */
static int check(const Network *network, Fault *fault) {
        char text[ADDRESS_TEXT_MAX];

        if (network->driver == DRIVER_WIREGUARD)
                return check_wireguard(network, fault);
        if (*network->config)
                return fault_raise(fault, FAULT_CONFLICT, EINVAL, "--config= is for --driver=wireguard");
        if (network->driver != DRIVER_BRIDGE && network->n_subnets == 0 && !network->no_ipam)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "a network of driver %s needs --subnet=, or --ipam=none for containers that "
                                "find their addresses themselves",
                                network_driver_to_string(network->driver));
        for (size_t i = 0; i < network->n_subnets; i++)
                if (network->driver == DRIVER_BRIDGE &&
                                network->subnets[i].prefix.length ==
                                                address_bits(&network->subnets[i].prefix.address))
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "the subnet %s has no room for a gateway and a container",
                                        prefix_format(&network->subnets[i].prefix, text));
        for (size_t i = 0; i < network->n_subnets && network->refuses_ipv6; i++)
                if (network->subnets[i].prefix.address.family == AF_INET6)
                        return fault_raise(fault, FAULT_VALUE, EINVAL,
                                        "there is an IPv6 subnet, and --ipv6=no");
        return 0;
}

int up_options_parse(char *const *argv, Network *ret, Fault *fault) {
        Network network = {};
        int r = 0;

        if (!*argv || !network_name_is_valid(*argv))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no name of a network",
                                *argv ? *argv : "");
        (void) strcpy(network.name, *argv++);
        for (; *argv && r >= 0; argv++)
                r = strncmp(*argv, "--", 2) == 0 ? take_word(&network, *argv, fault)
                                                 : fault_raise(fault, FAULT_VALUE, EINVAL,
                                                                   "'%.100s' is one word too many", *argv);
        if (r >= 0) {
                /* What goes wrong from here on is not the last option's fault. */
                fault_locate(fault, &(Place){});
                r = check(&network, fault);
        }
        if (r < 0) {
                network_done(&network);
                return r;
        }
        *ret = network;
        return 0;
}
