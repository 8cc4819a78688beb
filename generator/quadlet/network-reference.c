/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/network-reference.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/other-manifest.h"
#include "generator/values/network.h"
#include "generator/words.h"
#include "lib/cleanup.h"
#include "lib/comma-list.h"
#include "lib/strv.h"

/* It is there without a manifest. */
#define DEFAULT_SERVICE NETWORK_DEFAULT "-network.service"

const Assignment *network_of_unit(const Manifest *manifest) {
        const Assignment *path = manifest_last(manifest, "Service", "NetworkNamespacePath"),
                         *own = manifest_last(manifest, "Service", "PrivateNetwork");
        bool is_on = false;

        if (path && *path->value)
                return path;
        return own && boolean_parse(own->value, &is_on) >= 0 && is_on ? own : NULL;
}

static int add_unit(char ***list, const char *service) {
        return strv_find(*list, service) ? 0 : strv_append(list, service);
}

/* Puts @format in the place of an item. */
static int replace(char **item, const char *prefix, const char *name, const char *rest) {
        char *text = NULL;
        int r = value_printf(&text, "%s%s%s", prefix, name, rest);

        if (r < 0)
                return r;
        free(*item);
        *item = text;
        return 0;
}

/* A network that somebody names as it is called: whoever makes it has to come first, if anybody here does.
 */
static int resolve_called(KeyLoad *load, const NetworkPart *part, const char *name) {
        const Manifest *manifest =
                        value_is_dynamic(name) ? NULL : other_find_named(load->all, MANIFEST_NETWORK, name);

        if (manifest && manifest != load->manifest)
                return add_unit(part->needs, manifest->service);
        return strcmp(name, NETWORK_DEFAULT) == 0 ? add_unit(part->needs, DEFAULT_SERVICE) : 0;
}

static int resolve_named(KeyLoad *load, const NetworkPart *part, char **item, Arena *arena) {
        const char *colon = value_find_colon(*item);
        char *file = arena_copy(arena, *item, colon ? (size_t) (colon - *item) : strlen(*item));
        ManifestType type = file ? manifest_type_from_name(file) : _MANIFEST_TYPE_INVALID;
        Place place = other_place(load, "Network", file ? file : "");
        autofree char *name = NULL;
        OtherManifest other;
        int r;

        if (!file)
                return -ENOMEM;
        if (type != MANIFEST_NETWORK && type != MANIFEST_CONTAINER && type != MANIFEST_POD)
                return resolve_called(load, part, file);
        if (type != MANIFEST_NETWORK && !part->bound) {
                (void) faults_raise(load->faults, &place, FAULT_UNSUPPORTED,
                                "not supported, a pod has a network of its own, or the host's; name "
                                "networks, or say 'host'");
                return 0;
        }

        r = other_find(load, &place, file, arena, &other);
        if (r > 0)
                r = other_name_here(load, &place, &other, &name);
        if (r <= 0)
                return r;
        r = add_unit(type == MANIFEST_NETWORK ? part->needs : part->bound, other.service);
        if (r < 0)
                return r;
        return replace(item,
                        type == MANIFEST_NETWORK ? ""
                        : type == MANIFEST_POD   ? "pod:"
                                                 : "container:",
                        name, type == MANIFEST_NETWORK && colon ? colon : "");
}

/* "container:web", where there may be a manifest whose container is called so. */
static int resolve_joined(KeyLoad *load, const NetworkPart *part, const char *item, ManifestType type) {
        const char *name = strchr(item, ':') + 1;
        Place place = other_place(load, "Network", item);
        const Manifest *manifest;

        if (!part->bound) {
                (void) faults_raise(load->faults, &place, FAULT_UNSUPPORTED,
                                "not supported, a pod has a network of its own, or the host's; name "
                                "networks, or say 'host'");
                return 0;
        }
        manifest = value_is_dynamic(name) ? NULL : other_find_named(load->all, type, name);
        if (!manifest)
                return 0;
        if (manifest != load->manifest)
                return add_unit(part->bound, manifest->service);
        (void) faults_raise(load->faults, &place, FAULT_CONFLICT, "'%s' cannot be in its own network", name);
        return 0;
}

static int resolve_item(KeyLoad *load, const NetworkPart *part, char **item, Arena *arena) {
        int r;

        switch (network_sort(*item)) {

        case NETWORK_SORT_PRIVATE:
                if (network_of_unit(load->manifest))
                        return 0;
                r = replace(item, "", NETWORK_DEFAULT, "");
                return r < 0 ? r : resolve_called(load, part, *item);

        case NETWORK_SORT_CONTAINER:
                return resolve_joined(load, part, *item, MANIFEST_CONTAINER);

        case NETWORK_SORT_POD:
                return resolve_joined(load, part, *item, MANIFEST_POD);

        case NETWORK_SORT_NS:
                return part->bound ? 0 : resolve_joined(load, part, *item, MANIFEST_POD);

        case NETWORK_SORT_NAMED:
                return network_is_of_cni(*item) ? 0 : resolve_named(load, part, item, arena);

        case NETWORK_SORT_NONE:
        case NETWORK_SORT_HOST:
        default:
                return 0;
        }
}

static bool is_same_network(const char *one, const char *other) {
        size_t n = network_name_length(one);

        return n == network_name_length(other) && memcmp(one, other, n) == 0;
}

static void check_several(KeyLoad *load, char *const *networks) {
        for (size_t i = 0; networks[0] && networks[1] && networks[i]; i++) {
                if (network_sort(networks[i]) != NETWORK_SORT_NAMED) {
                        (void) load_fault(load, "Network", FAULT_CONFLICT, "'%s' excludes any other network",
                                        networks[i]);
                        return;
                }
                for (size_t k = 0; k < i; k++)
                        if (is_same_network(networks[k], networks[i]))
                                (void) load_fault(load, "Network", FAULT_CONFLICT,
                                                "network '%.*s' is there twice; leave one of them out",
                                                (int) network_name_length(networks[i]), networks[i]);
        }
}

static bool has_option(const char *network, const char *option) {
        const char *colon = network + network_name_length(network);

        return *colon && comma_list_has(colon + 1, option);
}

static void check_address(KeyLoad *load, char *const *networks, const char *key, const char *option) {
        if (!load_given(load, key))
                return;
        if (networks[1] || network_sort(networks[0]) != NETWORK_SORT_NAMED)
                (void) load_fault(load, key, FAULT_CONFLICT,
                                "a fixed address needs a single network, and one that has addresses; of "
                                "several, each has an option: Network=NAME:%s=…",
                                option);
        else if (has_option(networks[0], option))
                (void) load_fault(load, key, FAULT_CONFLICT, "Network= has an address already: '%s'",
                                networks[0]);
}

/* Podman's flag that has no key. */
static int apply_mac(KeyLoad *load, const NetworkPart *part) {
        char **networks = *part->networks, *text = NULL;
        int r;

        if (!part->mac || !*part->mac)
                return 0;
        if (networks[1] || network_sort(networks[0]) != NETWORK_SORT_NAMED || has_option(networks[0], "mac"))
                return load_fault(load, "PodmanArgs", FAULT_CONFLICT,
                                "--mac-address needs a single network that has no such address yet");
        r = value_printf(&text, "%s%cmac=%s", networks[0],
                        networks[0][network_name_length(networks[0])] ? ',' : ':', *part->mac);
        if (r < 0)
                return r;
        free(networks[0]);
        networks[0] = text;
        return 0;
}

/* What only says something where there are networks by name. */
static void check_idle(KeyLoad *load, char ***list, const char *network, const char *key) {
        const Assignment *own = network_of_unit(load->manifest);
        Place place;

        if (!*list || network_sort(network) == NETWORK_SORT_NAMED)
                return;
        if (network_sort(network) == NETWORK_SORT_HOST) {
                place = other_place(load, key, "");
                faults_warn(load->faults, &place, FAULT_CONFLICT,
                                "it says nothing with Network=host: the app has the network of the host, "
                                "its ports and its names");
                strv_free(*list);
                *list = NULL;
        } else if (network_sort(network) == NETWORK_SORT_PRIVATE && own)
                (void) load_fault(load, key, FAULT_CONFLICT,
                                "the unit has a network namespace by %s= in [Service], which is in nobody's "
                                "network here",
                                own->key);
        else
                (void) load_fault(load, key, FAULT_CONFLICT,
                                "it says nothing with Network=%s, which has no network of its own; leave it "
                                "out, or name a network",
                                network);
}

static void check_own(KeyLoad *load, char *const *networks) {
        const Assignment *own = network_of_unit(load->manifest);
        NetworkSort sort = network_sort(networks[0]);

        if (own && load_given(load, "Network") && sort != NETWORK_SORT_PRIVATE &&
                        sort != NETWORK_SORT_NONE && sort != NETWORK_SORT_HOST)
                (void) load_fault(load, "Network", FAULT_CONFLICT,
                                "the unit has a network namespace already, by %s= in [Service]", own->key);
}

static int resolve_all(KeyLoad *load, const NetworkPart *part) {
        AUTO(arena_freep) Arena *arena = arena_new();
        int r = arena ? 0 : -ENOMEM;

        if (r >= 0 && !*part->networks)
                r = strv_append(part->networks, "private");
        for (char **item = *part->networks; r >= 0 && *item; item++)
                r = resolve_item(load, part, item, arena);
        return r < 0 ? r : 0;
}

int network_reference_resolve(KeyLoad *load, const NetworkPart *part) {
        char **networks;
        int r = resolve_all(load, part);

        if (r < 0)
                return r;
        networks = *part->networks;
        check_own(load, networks);
        check_several(load, networks);
        check_address(load, networks, "IP", "ip");
        check_address(load, networks, "IP6", "ip6");
        check_idle(load, part->aliases, networks[0], "NetworkAlias");
        check_idle(load, part->publish, networks[0], "PublishPort");
        r = apply_mac(load, part);
        return r == -ENOMEM ? r : 0;
}
