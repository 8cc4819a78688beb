/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/network.h"

#include <string.h>

#include "lib/cleanup.h"
#include "lib/strv.h"
#include "nspawn-glue/net/request.h"

static const char *const drivers[_DRIVER_MAX] = {
        [DRIVER_BRIDGE] = "bridge",
        [DRIVER_MACVLAN] = "macvlan",
        [DRIVER_IPVLAN] = "ipvlan",
        [DRIVER_WIREGUARD] = "wireguard",
        [DRIVER_CNI] = "cni",
};

static const char *const isolations[_ISOLATION_MAX] = {
        [ISOLATION_NONE] = "false",
        [ISOLATION_ISOLATED] = "true",
        [ISOLATION_STRICT] = "strict",
};

static int find_word(const char *const *words, int n, const char *text) {
        for (int i = 0; i < n; i++)
                if (strcmp(words[i], text) == 0)
                        return i;
        return -EINVAL;
}

const char *network_driver_to_string(NetworkDriver driver) {
        return driver < _DRIVER_MAX ? drivers[driver] : NULL;
}

int network_driver_find(const char *text) {
        return find_word(drivers, _DRIVER_MAX, text);
}

const char *network_isolation_to_string(NetworkIsolation isolation) {
        return isolation < _ISOLATION_MAX ? isolations[isolation] : NULL;
}

int network_isolation_from_string(const char *text) {
        return find_word(isolations, _ISOLATION_MAX, text);
}

void network_done(Network *network) {
        strv_free(network->servers);
        strv_free(network->searches);
        strv_free(network->labels);
        network->servers = network->searches = network->labels = NULL;
}

bool network_is_cni(const char *name) {
        return strncmp(name, NETWORK_CNI, strlen(NETWORK_CNI)) == 0;
}

static json_t *address_to_json(const Address *address) {
        char text[ADDRESS_TEXT_MAX];

        return json_string(address_format(address, text));
}

static json_t *subnets_to_json(const Network *network) {
        json_t *list = json_array();

        for (size_t i = 0; i < network->n_subnets; i++) {
                const Subnet *subnet = &network->subnets[i];
                char text[ADDRESS_TEXT_MAX];

                (void) json_array_append_new(
                                list, json_pack("{s:s, s:o, s:o, s:o, s:b}", "subnet",
                                                      prefix_format(&subnet->prefix, text), "gateway",
                                                      address_to_json(&subnet->gateway), "first",
                                                      address_to_json(&subnet->first), "last",
                                                      address_to_json(&subnet->last), "chosen",
                                                      subnet->is_chosen));
        }
        return list;
}

static json_t *routes_to_json(const Network *network) {
        json_t *list = json_array();

        for (size_t i = 0; i < network->n_routes; i++) {
                const NetworkRoute *route = &network->routes[i];
                char text[ADDRESS_TEXT_MAX];

                (void) json_array_append_new(
                                list, json_pack("{s:s, s:o, s:I}", "destination",
                                                      prefix_format(&route->destination, text), "gateway",
                                                      address_to_json(&route->gateway), "metric",
                                                      (json_int_t) route->metric));
        }
        return list;
}

json_t *network_to_json(const Network *network) {
        return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:b, s:s, s:b, s:I, s:I, s:I, s:o, "
                         "s:o, s:o, s:o, s:o}",
                        "name", network->name, "driver", drivers[network->driver], "interface",
                        network->interface, "mode", network->mode, "config", network->config, "internal",
                        network->internal, "dns", !network->no_names, "resolver", network->resolver,
                        "default_route", !network->no_default_route, "ipam", !network->no_ipam, "isolate",
                        isolations[network->isolation], "ipv6", network->wants_ipv6, "mtu",
                        (json_int_t) network->mtu, "vlan", (json_int_t) network->vlan, "metric",
                        (json_int_t) network->metric, "subnets", subnets_to_json(network), "routes",
                        routes_to_json(network), "servers", net_strings_to_json(network->servers),
                        "searches", net_strings_to_json(network->searches), "labels",
                        net_strings_to_json(network->labels));
}

int network_write(const Network *network) {
        json_t *document = network_to_json(network);
        int r = document ? net_write(NET_NETWORKS, network->name, document) : -ENOMEM;

        json_decref(document);
        return r;
}

static int read_subnets(const json_t *list, Network *network) {
        json_t *entry;
        size_t i;

        json_array_foreach(list, i, entry) {
                Subnet subnet = { .is_chosen = net_flag(entry, "chosen") };

                if (network->n_subnets == SUBNETS_MAX ||
                                prefix_parse(net_string(entry, "subnet"), &subnet.prefix) < 0 ||
                                address_parse(net_string(entry, "first"), &subnet.first) < 0 ||
                                address_parse(net_string(entry, "last"), &subnet.last) < 0 ||
                                !prefix_contains(&subnet.prefix, &subnet.first) ||
                                !prefix_contains(&subnet.prefix, &subnet.last))
                        return -EBADMSG;
                (void) address_parse(net_string(entry, "gateway"), &subnet.gateway);
                network->subnets[network->n_subnets++] = subnet;
        }
        return 0;
}

static int read_routes(const json_t *list, Network *network) {
        json_t *entry;
        size_t i;

        json_array_foreach(list, i, entry) {
                NetworkRoute route = { .metric = (uint32_t) net_number(entry, "metric") };

                if (network->n_routes == ROUTES_MAX ||
                                prefix_parse(net_string(entry, "destination"), &route.destination) < 0)
                        return -EBADMSG;
                (void) address_parse(net_string(entry, "gateway"), &route.gateway);
                network->routes[network->n_routes++] = route;
        }
        return 0;
}

int network_from_json(const json_t *document, const char *name, Network *ret) {
        Network network = {
                .internal = net_flag(document, "internal"),
                .no_names = !net_flag(document, "dns"),
                .resolver = net_flag(document, "resolver"),
                .no_default_route = !net_flag(document, "default_route"),
                .no_ipam = !net_flag(document, "ipam"),
                .wants_ipv6 = net_flag(document, "ipv6"),
                .mtu = (unsigned) net_number(document, "mtu"),
                .vlan = (unsigned) net_number(document, "vlan"),
                .metric = (uint32_t) net_number(document, "metric"),
        };
        int driver = network_driver_find(net_string(document, "driver"));
        int isolation = network_isolation_from_string(net_string(document, "isolate"));
        const char *interface = net_string(document, "interface");
        int r;

        if (driver < 0 || driver == DRIVER_CNI || isolation < 0 ||
                        strcmp(net_string(document, "name"), name) != 0 ||
                        ((*interface || driver != DRIVER_WIREGUARD) && !interface_name_is_valid(interface)))
                return -EBADMSG;
        network.driver = (NetworkDriver) driver;
        network.isolation = (NetworkIsolation) isolation;
        (void) snprintf(network.name, sizeof(network.name), "%s", name);
        (void) strcpy(network.interface, interface);
        (void) snprintf(network.mode, sizeof(network.mode), "%s", net_string(document, "mode"));
        (void) snprintf(network.config, sizeof(network.config), "%s", net_string(document, "config"));
        r = read_subnets(json_object_get(document, "subnets"), &network);
        if (r >= 0)
                r = read_routes(json_object_get(document, "routes"), &network);
        if (r >= 0)
                r = net_strings(document, "servers", &network.servers);
        if (r >= 0)
                r = net_strings(document, "searches", &network.searches);
        if (r >= 0)
                r = net_strings(document, "labels", &network.labels);
        if (r < 0) {
                network_done(&network);
                return r;
        }
        *ret = network;
        return 0;
}

int network_read(const char *name, Network *ret, Fault *fault) {
        json_t *document = NULL;
        int r;

        if (network_is_cni(name) && network_name_is_valid(name + strlen(NETWORK_CNI)) &&
                        strlen(name) <= NETWORK_NAME_MAX) {
                *ret = (Network){ .driver = DRIVER_CNI };
                (void) strcpy(ret->name, name);
                return 0;
        }
        if (!network_name_is_valid(name))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no name of a network", name);
        r = net_read(NET_NETWORKS, name, &document);
        if (r == -ENOENT)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there is no network '%s'; it is made by a unit of a .network manifest, and "
                                "'slipway network ls' has those that are up",
                                name);
        if (r >= 0)
                r = network_from_json(document, name, ret);
        json_decref(document);
        return r < 0 ? fault_wrap(fault, r, "cannot read what is known of network '%s'", name) : 0;
}

int network_route_parse(const char *text, NetworkRoute *ret, Fault *fault) {
        autofree char *copy = strdup(text);
        char *rest = copy, *destination, *gateway, *metric, *end = NULL;
        NetworkRoute route = {};
        unsigned long number = 0;

        if (!copy)
                return -ENOMEM;
        destination = strsep(&rest, ",");
        gateway = strsep(&rest, ",");
        metric = strsep(&rest, ",");
        if (metric)
                number = strtoul(metric, &end, 10);
        if (rest || prefix_parse(destination, &route.destination) < 0 ||
                        (gateway && *gateway && address_parse(gateway, &route.gateway) < 0) ||
                        (metric && (!*metric || *end || number > UINT32_MAX)))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%.100s' is no route: DESTINATION/LENGTH[,GATEWAY[,METRIC]]", text);
        if (address_is_set(&route.gateway) && route.gateway.family != route.destination.address.family)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "the route '%.100s' has a gateway of another family than its destination",
                                text);
        route.metric = (uint32_t) number;
        *ret = route;
        return 0;
}

void subnet_hosts(const Prefix *prefix, Address *ret_first, Address *ret_last) {
        Prefix whole = prefix_network(prefix);
        bool is_small = whole.length + 1 >= address_bits(&whole.address);
        Address last = prefix_last(&whole);

        *ret_first = is_small ? whole.address : address_after(&whole.address, 1);
        if (!is_small && last.family == AF_INET)
                last.bytes[3]--;
        *ret_last = last;
}

const Address *network_gateway(const Network *network, int family) {
        for (size_t i = 0; i < network->n_subnets; i++)
                if (network->subnets[i].gateway.family == family)
                        return &network->subnets[i].gateway;
        return NULL;
}

int network_list(char ***ret) {
        return net_list(NET_NETWORKS, ret);
}
