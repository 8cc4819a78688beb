/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/model/network.h"
#include "generator/quadlet/other-manifest.h"
#include "generator/quadlet/podman-flags.h"
#include "generator/values/network-option.h"
#include "generator/values/network.h"
#include "generator/values/subnet.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

static void check_name(KeyLoad *load, const Network *network) {
        bool is_default = strcmp(load->manifest->service, NETWORK_DEFAULT "-network.service") == 0;

        if (is_default && network->name && strcmp(network->name, NETWORK_DEFAULT) != 0)
                (void) load_fault(load, "NetworkName", FAULT_CONFLICT,
                                "its unit is that of the default network, which is called '%s'",
                                NETWORK_DEFAULT);
}

/* "interface" is not an option any more when it is here; of several with one key the last one counts. */
static int sort_options(KeyLoad *load, Network *network) {
        char **options = network->options, **to = options;
        size_t n = strv_length(options);

        for (size_t i = 0; i < n; i++) {
                size_t key = strcspn(options[i], "=");
                bool is_repeated = false;

                for (size_t k = i + 1; k < n && !is_repeated; k++)
                        is_repeated = strncmp(options[k], options[i], key) == 0 &&
                                      (!options[k][key] || options[k][key] == '=');
                if (!is_repeated && strncmp(options[i], "interface=", 10) == 0) {
                        if (network->interface && strcmp(network->interface, options[i] + 10) != 0)
                                (void) load_fault(load, "Options", FAULT_CONFLICT,
                                                "InterfaceName= is '%s' already", network->interface);
                        free(network->interface);
                        network->interface = strdup(options[i] + 10);
                        if (!network->interface)
                                return -ENOMEM;
                        is_repeated = true;
                }
                if (is_repeated)
                        free(options[i]);
                else
                        *to++ = options[i];
        }
        if (options) {
                *to = NULL;
                qsort(options, (size_t) (to - options), sizeof(char *), network_option_compare);
        }
        return 0;
}

static void check_options(KeyLoad *load, const Network *network) {
        for (char **option = network->options; option && *option; option++) {
                Fault fault = {};

                if (network_option_check(*option, network->driver, &fault) < 0)
                        (void) load_fault(load, "Options", fault.kind, "%s", fault.text);
                else if (strncmp(*option, "parent=", 7) == 0 && network->interface)
                        (void) load_fault(load, "Options", FAULT_CONFLICT,
                                        "InterfaceName= says already what it is on top of");
        }
}

/* The subnet that the i-th item of a key belongs to, where both are known. */
static bool has_item(char *const *items, size_t i, const char *subnet, Prefix *ret) {
        return i < strv_length(items) && !value_is_dynamic(items[i]) && prefix_parse(subnet, ret) >= 0;
}

static void check_gateway(KeyLoad *load, const Network *network, size_t i) {
        Address address;
        Prefix subnet;

        if (!has_item(network->gateways, i, network->subnets[i], &subnet))
                return;
        if (address_parse(network->gateways[i], &address) < 0 || !prefix_contains(&subnet, &address)) {
                Place place = other_place(load, "Gateway", network->gateways[i]);

                (void) faults_raise(load->faults, &place, FAULT_CONFLICT, "'%s' is not in the subnet '%s'",
                                network->gateways[i], network->subnets[i]);
        }
}

static void check_range(KeyLoad *load, const Network *network, size_t i) {
        Address first, last;
        Prefix subnet;

        if (!has_item(network->ranges, i, network->subnets[i], &subnet))
                return;
        if (subnet_read_range(network->ranges[i], &first, &last) < 0 || !prefix_contains(&subnet, &first) ||
                        !prefix_contains(&subnet, &last)) {
                Place place = other_place(load, "IPRange", network->ranges[i]);

                (void) faults_raise(load->faults, &place, FAULT_CONFLICT,
                                "not all of '%s' is in the subnet '%s'", network->ranges[i],
                                network->subnets[i]);
        }
}

/* What systemd will fill in is no prefix yet, and overlaps with nothing. */
static void check_overlap(KeyLoad *load, const Network *network, size_t i) {
        Prefix one, other;

        if (prefix_parse(network->subnets[i], &one) < 0)
                return;
        for (size_t k = 0; k < i; k++) {
                Place place;

                if (prefix_parse(network->subnets[k], &other) < 0 || !prefix_overlaps(&one, &other))
                        continue;
                place = other_place(load, "Subnet", network->subnets[i]);
                (void) faults_raise(load->faults, &place, FAULT_CONFLICT,
                                "the subnet '%s' overlaps with '%s'", network->subnets[i],
                                network->subnets[k]);
        }
}

/* A pair is what has the same place in both lists, as Podman's generator counts. */
static void check_count(KeyLoad *load, const Network *network, char *const *items, const char *key) {
        size_t n = strv_length(items), subnets = strv_length(network->subnets);

        if (n <= subnets || (subnets == 0 && load_given(load, "Subnet")))
                return;
        (void) load_fault(load, key, FAULT_VALUE,
                        subnets == 0 ? "there is no Subnet= that it belongs to"
                                     : "there are more of them than of Subnet=, and each belongs to one");
}

static void check_families(KeyLoad *load, const Network *network) {
        bool has_ip6 = false;

        for (char **subnet = network->subnets; subnet && *subnet; subnet++)
                has_ip6 = has_ip6 || (!value_is_dynamic(*subnet) && strchr(*subnet, ':'));
        if (network->ipv6 == CHOICE_NO && has_ip6)
                (void) load_fault(load, "IPv6", FAULT_CONFLICT,
                                "there is a Subnet= of IPv6; leave one of them out");
}

static void check_addresses(KeyLoad *load, const Network *network) {
        check_count(load, network, network->gateways, "Gateway");
        check_count(load, network, network->ranges, "IPRange");
        for (size_t i = 0; network->subnets && network->subnets[i]; i++) {
                check_gateway(load, network, i);
                check_range(load, network, i);
                check_overlap(load, network, i);
        }
        check_families(load, network);
        if (network->ipam && strcmp(network->ipam, "none") == 0 && network->subnets)
                (void) load_fault(load, "IPAMDriver", FAULT_CONFLICT,
                                "nobody would give addresses of the Subnet=; leave one of them out");
}

/* A key that only some drivers have. */
static void refuse_key(KeyLoad *load, const char *key, const char *driver, const char *why) {
        if (load_given(load, key))
                (void) load_fault(load, key, FAULT_CONFLICT, "a network of driver '%s' has none: %s", driver,
                                why);
}

static void check_wireguard(KeyLoad *load, const Network *network) {
        static const char *const keys[] = { "Subnet", "Gateway", "IPRange", "IPAMDriver", "IPv6",
                "Internal" };

        for (size_t i = 0; i < ELEMENTS(keys); i++)
                refuse_key(load, keys[i], network->driver,
                                "addresses and peers are in its configuration, which Config= names");
        if (!network->config && !manifest_last(load->manifest, "Slipway", "Config"))
                (void) load_fault(load, "Driver", FAULT_MISSING,
                                "wireguard needs Config= in [Slipway], a configuration as wg(8) reads it");
}

/* Who is on top of an interface of this machine is in a network that has its addresses from elsewhere. */
static void check_on_top(KeyLoad *load, const Network *network) {
        bool is_none = network->ipam && strcmp(network->ipam, "none") == 0;

        if (!network->subnets && !is_none && !load_given(load, "Subnet") && !load_given(load, "IPAMDriver"))
                (void) load_fault(load, "Driver", FAULT_MISSING,
                                "a network on top of an interface has the addresses that are there, and "
                                "none can be chosen: set Subnet=, or IPAMDriver=none");
}

static void check_driver(KeyLoad *load, const Network *network) {
        NetworkDriver driver = network_driver_from_string(network->driver);
        const Assignment *config = manifest_last(load->manifest, "Slipway", "Config"),
                         *resolver = manifest_last(load->manifest, "Slipway", "Resolver");
        Place place;

        if (driver == NETWORK_WIREGUARD)
                check_wireguard(load, network);
        else if (driver != NETWORK_BRIDGE)
                check_on_top(load, network);
        if (network->config && driver != NETWORK_WIREGUARD) {
                place = assignment_place(config);
                (void) faults_raise(load->faults, &place, FAULT_CONFLICT,
                                "it is for Driver=wireguard in [Network]");
        }
        if (network->resolver != CHOICE_YES || !resolver)
                return;
        place = assignment_place(resolver);
        if (driver != NETWORK_BRIDGE)
                (void) faults_raise(load->faults, &place, FAULT_CONFLICT,
                                "this machine has no address in a network of driver '%s', where it could "
                                "be asked",
                                network->driver);
        if (network->disable_dns == CHOICE_YES)
                (void) faults_raise(load->faults, &place, FAULT_CONFLICT,
                                "there are no names with DisableDNS=yes; leave one of them out");
}

static bool has_commands(const Manifest *manifest) {
        for (const Assignment *a = NULL; (a = manifest_next(manifest, "Service", a));)
                if (strncmp(a->key, "Exec", 4) == 0 && *a->value)
                        return true;
        return false;
}

static int load_all(KeyLoad *load, Network *network) {
        int r;

        network->has_commands = has_commands(load->manifest);
        if ((r = load_section(load, &network_section)) < 0 ||
                        (r = load_section(load, &network_slipway_section)) < 0)
                return r;
        r = load->has_arguments ? podman_args_apply(load) : 0;
        if (r >= 0)
                r = other_default_name(load, &network->name);
        if (r >= 0)
                r = sort_options(load, network);
        if (r < 0)
                return r;
        check_name(load, network);
        check_options(load, network);
        check_addresses(load, network);
        check_driver(load, network);
        load_raise_later(load);
        return 0;
}

int network_load(const Manifest *manifest, const ManifestSet *all, Network **ret, FaultList *faults) {
        Network *network = network_new();
        KeyLoad load = {
                .manifest = manifest,
                .all = all,
                .faults = faults,
                .model = network,
                .main = &network_section,
                .flags = &podman_network_flags,
        };
        int r = network ? load_all(&load, network) : -ENOMEM;

        if (r < 0) {
                network_free(network);
                return r;
        }
        *ret = network;
        return 0;
}
