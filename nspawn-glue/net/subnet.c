/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/subnet.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "lib/blake2b.h"
#include "lib/cleanup.h"
#include "lib/io.h"
#include "lib/report.h"
#include "lib/strv.h"

/* Where subnets of 256 addresses are looked for; the machine may be connected to any of these otherwise. */
static const char *const pools[] = { "10.209.0.0/16", "10.210.0.0/15", "172.31.0.0/16", "192.168.192.0/18" };

/* The network without a file is the one with most containers. */
static const char *const default_pools[] = { "10.208.0.0/16", "10.219.0.0/16", "172.30.0.0/16",
        "192.168.128.0/18" };

typedef struct Search {
        LinkSession *session;
        const Network *network;
        int own;
} Search;

/* The name of a network that has a part of it; NULL for none. */
static int find_network(const Network *self, const Prefix *prefix, char **ret) {
        autostrv char **names = NULL;
        int r;

        *ret = NULL;
        r = network_list(&names);
        for (char **name = names; name && *name && r >= 0 && !*ret; name++) {
                AUTO(network_done) Network other = {};

                if (strcmp(*name, self->name) == 0 || network_read(*name, &other, NULL) < 0)
                        continue;
                for (size_t i = 0; i < other.n_subnets && !*ret; i++)
                        if (prefix_overlaps(&other.subnets[i].prefix, prefix)) {
                                *ret = strdup(*name);
                                r = *ret ? 0 : -ENOMEM;
                        }
        }
        return r;
}

static bool has_already(const Network *network, const Prefix *prefix) {
        for (size_t i = 0; i < network->n_subnets; i++)
                if (prefix_overlaps(&network->subnets[i].prefix, prefix))
                        return true;
        return false;
}

/* Return: 1 when nobody has any of it, 0 when somebody has, -errno. */
static int is_usable(const Search *search, const Prefix *prefix) {
        autofree char *other = NULL;
        bool routed;
        int r;

        if (has_already(search->network, prefix))
                return 0;
        r = find_network(search->network, prefix, &other);
        if (r < 0 || other)
                return r;
        r = link_is_routed(search->session, prefix, search->own, &routed);
        return r < 0 ? r : !routed;
}

static int choose_in_pool(const Search *search, const char *pool, unsigned length, Prefix *ret) {
        Prefix whole, prefix;
        Address last;
        int r;

        if (prefix_parse(pool, &whole) < 0)
                return -EINVAL;
        last = prefix_last(&whole);
        prefix = (Prefix){ .address = whole.address,
                .length = length < whole.length ? whole.length : length };
        while (address_compare(&prefix.address, &last) < 0) {
                r = is_usable(search, &prefix);
                if (r != 0) {
                        *ret = prefix;
                        return r;
                }
                prefix.address = address_after(&prefix.address, UINT64_C(1) << (32 - prefix.length));
        }
        return 0;
}

static int choose_four(const Search *search, Prefix *ret, Fault *fault) {
        bool is_default = strcmp(search->network->name, NETWORK_DEFAULT) == 0;

        for (size_t i = 0; i < ELEMENTS(pools); i++) {
                int r = choose_in_pool(
                                search, is_default ? default_pools[i] : pools[i], is_default ? 16 : 24, ret);

                if (r != 0)
                        return r < 0 ? r : 0;
        }
        return fault_raise(fault, FAULT_CONFLICT, EADDRNOTAVAIL,
                        "all subnets that could be chosen lead elsewhere on this machine ('ip route'); say "
                        "which with Subnet=");
}

/* A network of its own for each machine (RFC 4193), and a part of that for each name. */
static int choose_six(const Search *search, Prefix *ret, Fault *fault) {
        autofree char *machine = NULL;
        char hex[2 * BLAKE2B_SIZE + 1], text[ADDRESS_TEXT_MAX];
        Blake2b hash;

        (void) io_read_file(AT_FDCWD, "/etc/machine-id", 64, &machine, NULL);
        for (unsigned tries = 0; tries < 16; tries++) {
                char number[8];
                int r;

                (void) snprintf(number, sizeof(number), "%u", tries);
                blake2b_begin(&hash);
                blake2b_add(&hash, machine ? machine : "", machine ? strlen(machine) : 0);
                blake2b_add(&hash, search->network->name, strlen(search->network->name));
                blake2b_add(&hash, number, strlen(number));
                blake2b_end_hex(&hash, hex);
                (void) snprintf(text, sizeof(text), "fd%.2s:%.4s:%.4s:%.4s::/64", hex, hex + 2, hex + 6,
                                hex + 10);
                if (prefix_parse(text, ret) < 0)
                        return -EINVAL;
                r = is_usable(search, ret);
                if (r != 0)
                        return r < 0 ? r : 0;
        }
        return fault_raise(fault, FAULT_CONFLICT, EADDRNOTAVAIL,
                        "no IPv6 subnet is free; say which with Subnet=");
}

/* What was chosen before, if it is of that family and still free. */
static int choose_again(const Search *search, int family, Prefix *ret) {
        json_t *document = NULL, *entry;
        size_t i;
        int r = 0;

        if (net_read(NET_CHOSEN, search->network->name, &document) < 0)
                return 0;
        json_array_foreach(json_object_get(document, "subnets"), i, entry) {
                Prefix prefix;

                if (!json_is_string(entry) || prefix_parse(json_string_value(entry), &prefix) < 0 ||
                                prefix.address.family != family)
                        continue;
                r = is_usable(search, &prefix);
                if (r > 0) {
                        *ret = prefix;
                        break;
                }
                report_note(REPORT_NOTICE,
                                "the subnet %s that network '%s' had before leads elsewhere by now; it gets "
                                "another one",
                                json_string_value(entry), search->network->name);
        }
        json_decref(document);
        return r;
}

static void remember(const Network *network) {
        json_t *list = json_array(), *document;

        for (size_t i = 0; i < network->n_subnets; i++) {
                char text[ADDRESS_TEXT_MAX];

                if (network->subnets[i].is_chosen)
                        (void) json_array_append_new(
                                        list, json_string(prefix_format(&network->subnets[i].prefix, text)));
        }
        document = json_pack("{s:o}", "subnets", list);
        if (json_array_size(json_object_get(document, "subnets")) > 0 &&
                        (io_mkdir_p(NET_CHOSEN, 0755) < 0 ||
                                        net_write(NET_CHOSEN, network->name, document) < 0))
                report_note(REPORT_NOTICE,
                                "cannot remember which subnets network '%s' has: after the next boot "
                                "it may have others",
                                network->name);
        json_decref(document);
}

void subnet_forget(const char *network) {
        net_remove(NET_CHOSEN, network);
}

static int add_chosen(const Search *search, Network *network, int family, Fault *fault) {
        Subnet subnet = { .is_chosen = true };
        int r;

        if (network->n_subnets == SUBNETS_MAX)
                return -E2BIG;
        r = choose_again(search, family, &subnet.prefix);
        if (r == 0)
                r = family == AF_INET6 ? choose_six(search, &subnet.prefix, fault)
                                       : choose_four(search, &subnet.prefix, fault);
        if (r < 0)
                return r;
        network->subnets[network->n_subnets++] = subnet;
        return 0;
}

static bool has_family(const Network *network, int family) {
        for (size_t i = 0; i < network->n_subnets; i++)
                if (network->subnets[i].prefix.address.family == family)
                        return true;
        return false;
}

/* What was given is not exchanged for something else, but not taken from somebody either. */
static int check_given(const Search *search, const Subnet *subnet, Fault *fault) {
        char text[ADDRESS_TEXT_MAX];
        autofree char *other = NULL;
        bool routed = false;
        int r;

        (void) prefix_format(&subnet->prefix, text);
        r = find_network(search->network, &subnet->prefix, &other);
        if (r >= 0 && other)
                return fault_raise(fault, FAULT_CONFLICT, EADDRINUSE,
                                "the subnet %s of network '%s' has addresses of network '%s'; choose "
                                "another one, or leave Subnet= out",
                                text, search->network->name, other);
        /* On top of an interface of the machine it is the machine's own network, as a rule. */
        if (r >= 0 && search->network->driver == DRIVER_BRIDGE)
                r = link_is_routed(search->session, &subnet->prefix, search->own, &routed);
        if (r >= 0 && routed)
                return fault_raise(fault, FAULT_CONFLICT, EADDRINUSE,
                                "the subnet %s of network '%s' is in use on this machine ('ip route' shows "
                                "by whom); choose another one, or leave Subnet= out",
                                text, search->network->name);
        return r;
}

/* The first address is the gateway's, all others can be had. */
static void fill_defaults(const Network *network, Subnet *subnet) {
        Address first, last;

        subnet->prefix = prefix_network(&subnet->prefix);
        subnet_hosts(&subnet->prefix, &first, &last);
        if (!address_is_set(&subnet->gateway) && network->driver == DRIVER_BRIDGE)
                subnet->gateway = first;
        /* A range that was given as a prefix may have addresses that nobody can have. */
        if (!address_is_set(&subnet->first) || address_compare(&subnet->first, &first) < 0)
                subnet->first = first;
        if (!address_is_set(&subnet->last) || address_compare(&subnet->last, &last) > 0)
                subnet->last = last;
}

int subnet_settle(LinkSession *session, Network *network, int own, Fault *fault) {
        const Search search = { .session = session, .network = network, .own = own };
        bool is_given = network->n_subnets > 0;
        int r = 0;

        for (size_t i = 0; i < network->n_subnets && r >= 0; i++)
                r = check_given(&search, &network->subnets[i], fault);
        if (!network->no_ipam && network->driver == DRIVER_BRIDGE) {
                if (r >= 0 && !is_given)
                        r = add_chosen(&search, network, AF_INET, fault);
                if (r >= 0 && network->wants_ipv6 && !has_family(network, AF_INET6))
                        r = add_chosen(&search, network, AF_INET6, fault);
                /* An IPv6 subnet alone is what was asked for, unless it says that IPv6 comes besides. */
        }
        if (r < 0)
                return fault_wrap(fault, r, "cannot find a subnet for network '%s'", network->name);
        for (size_t i = 0; i < network->n_subnets; i++)
                fill_defaults(network, &network->subnets[i]);
        remember(network);
        return 0;
}
