/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/promise.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/blake2b.h"
#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/net/hosts.h"
#include "nspawn-glue/net/lease.h"
#include "nspawn-glue/net/request.h"

/* The same for the same interface of the same owner, so that neighbours need not ask again after a restart.
 */
static void choose_mac(const char *network, const char *owner, uint8_t ret[static 6]) {
        char hex[2 * BLAKE2B_SIZE + 1];
        Blake2b hash;

        blake2b_begin(&hash);
        blake2b_add(&hash, network, strlen(network) + 1);
        blake2b_add(&hash, owner, strlen(owner));
        blake2b_end_hex(&hash, hex);
        mac_from_hash(0x02, hex, ret);
}

static bool has_interface(const Member *member, const char *name) {
        for (size_t i = 0; i < member->n_attachments; i++)
                if (strcmp(member->attachments[i].interface, name) == 0)
                        return true;
        return false;
}

static int choose_interface(
                const Member *member, const char *wanted, char ret[static IFNAMSIZ], Fault *fault) {
        if (*wanted && has_interface(member, wanted))
                return fault_raise(fault, FAULT_CONFLICT, EEXIST, "two networks have an interface '%s'",
                                wanted);
        if (*wanted) {
                (void) snprintf(ret, IFNAMSIZ, "%s", wanted);
                return 0;
        }
        for (unsigned i = 0;; i++) {
                (void) snprintf(ret, IFNAMSIZ, "eth%u", i);
                if (!has_interface(member, ret))
                        return 0;
        }
}

static bool has_subnet(const Network *network, const Address *address) {
        for (size_t i = 0; i < network->n_subnets; i++)
                if (prefix_contains(&network->subnets[i].prefix, address))
                        return true;
        return false;
}

/* One address of each family, of the first subnet that has it; a fixed one of the subnet that it is in. */
static int take_addresses(const Network *network, const char *owner, const NetworkRequest *wish,
                Attachment *attachment, Fault *fault) {
        char text[ADDRESS_TEXT_MAX];
        bool has[2] = {};

        for (size_t i = 0; i < ELEMENTS(wish->fixed); i++)
                if (address_is_set(&wish->fixed[i]) && !has_subnet(network, &wish->fixed[i]))
                        return fault_raise(fault, FAULT_VALUE, EADDRNOTAVAIL,
                                        "the address %s is in no subnet of network '%s'",
                                        address_format(&wish->fixed[i], text), network->name);
        for (size_t i = 0; i < network->n_subnets; i++) {
                const Subnet *subnet = &network->subnets[i];
                size_t family = subnet->prefix.address.family == AF_INET6;
                const Address *fixed = &wish->fixed[family];
                Address address;
                int r;

                if (has[family] || (address_is_set(fixed) && !prefix_contains(&subnet->prefix, fixed)))
                        continue;
                r = lease_take(network, subnet, owner, address_is_set(fixed) ? fixed : NULL, &address,
                                fault);
                if (r < 0)
                        return r;
                attachment->prefixes[attachment->n_prefixes++] =
                                (Prefix){ .address = address, .length = subnet->prefix.length };
                has[family] = true;
        }
        return 0;
}

typedef struct LinkQuery {
        const char *network, *self;
        char owner[65];
} LinkQuery;

static int has_link(const Member *member, void *data) {
        LinkQuery *query = data;

        for (size_t i = 0; i < member->n_attachments; i++)
                if (strcmp(member->attachments[i].network, query->network) == 0 &&
                                strcmp(member->owner, query->self) != 0) {
                        (void) strcpy(query->owner, member->owner);
                        return 1;
                }
        return 0;
}

/* The addresses are those of the key, and so is whoever else would have them. */
static int take_link(const Network *network, const char *owner, const NetworkRequest *wish,
                Attachment *attachment, Fault *fault) {
        LinkQuery query = { .network = network->name, .self = owner };

        if (address_is_set(&wish->fixed[0]) || address_is_set(&wish->fixed[1]))
                return fault_raise(fault, FAULT_CONFLICT, EINVAL,
                                "the addresses in network '%s' are those of '%s', no other can be chosen",
                                network->name, network->config);
        if (member_visit(has_link, &query) > 0)
                return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                "'%s' is in network '%s' already, and a key of WireGuard is that of one "
                                "machine or container; a second one needs a network and a key of its own",
                                query.owner, network->name);
        for (size_t i = 0; i < network->n_subnets; i++)
                attachment->prefixes[attachment->n_prefixes++] = network->subnets[i].prefix;
        return 0;
}

static int choose_addresses(const Network *network, const char *owner, const NetworkRequest *wish,
                Attachment *attachment, Fault *fault) {
        switch (network->driver) {

        case DRIVER_CNI:
                if (wish->metric || wish->no_default_route)
                        return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                        "the routes of network '%s' are the business of its plugins: "
                                        "metric and no_default_route say nothing to them",
                                        network->name);
                memcpy(attachment->wanted, wish->fixed, sizeof(attachment->wanted));
                return 0;

        case DRIVER_WIREGUARD:
                return take_link(network, owner, wish, attachment, fault);

        default:
                return take_addresses(network, owner, wish, attachment, fault);
        }
}

static bool has_mac(const Network *network) {
        return network->driver == DRIVER_BRIDGE || network->driver == DRIVER_MACVLAN;
}

static int add_name(char ***names, const char *name) {
        return !name || !*name || strv_find(*names, name) ? 0 : strv_append(names, name);
}

static int collect_names(
                const PromiseRequest *request, const NetworkRequest *wish, char ***ret, Fault *fault) {
        autostrv char **names = NULL;
        int r;

        r = add_name(&names, request->owner);
        if (r >= 0 && request->hostname && alias_is_valid(request->hostname))
                r = add_name(&names, request->hostname);
        for (char *const *alias = request->aliases; alias && *alias && r >= 0; alias++) {
                if (!alias_is_valid(*alias))
                        return fault_raise(fault, FAULT_VALUE, EINVAL, "the alias '%.100s' is no host name",
                                        *alias);
                r = add_name(&names, *alias);
        }
        for (char **alias = wish->aliases; alias && *alias && r >= 0; alias++)
                r = add_name(&names, *alias);
        if (r >= 0)
                *ret = TAKE(names);
        return r;
}

static int add_network(const PromiseRequest *request, const char *text, Member *member, Fault *fault) {
        AUTO(network_request_done) NetworkRequest wish = {};
        AUTO(network_done) Network network = {};
        Attachment attachment = {};
        int r;

        r = network_request_parse(text, &wish, fault);
        if (r < 0)
                return r;
        r = network_read(wish.network, &network, fault);
        if (r < 0)
                return r;
        for (size_t i = 0; i < member->n_attachments; i++)
                if (strcmp(member->attachments[i].network, wish.network) == 0)
                        return fault_raise(fault, FAULT_CONFLICT, EEXIST, "network '%s' is asked for twice",
                                        wish.network);
        if (request->ip && address_parse(request->ip, &wish.fixed[0]) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no address", request->ip);
        if (request->ip6 && address_parse(request->ip6, &wish.fixed[1]) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no address", request->ip6);

        (void) strcpy(attachment.network, wish.network);
        if (!*wish.interface && network.driver == DRIVER_WIREGUARD)
                (void) strcpy(wish.interface, network.interface);
        r = choose_interface(member, wish.interface, attachment.interface, fault);
        if (r >= 0)
                r = choose_addresses(&network, request->owner, &wish, &attachment, fault);
        if (r >= 0)
                r = collect_names(request, &wish, &attachment.names, fault);
        if (r < 0) {
                /* It may have an address of one family already. */
                (void) lease_release(wish.network, request->owner);
                return r;
        }
        attachment.metric = wish.metric;
        attachment.no_default_route = wish.no_default_route || network.no_default_route || network.internal;
        if (memcmp(wish.mac, attachment.mac, sizeof(wish.mac)) != 0)
                memcpy(attachment.mac, wish.mac, sizeof(attachment.mac));
        else if (has_mac(&network))
                choose_mac(network.name, request->owner, attachment.mac);
        return member_add_attachment(member, &attachment);
}

/* Names of the networks as a list, without options. */
static int list_networks(const Member *member, char ***ret) {
        int r = 0;

        for (size_t i = 0; i < member->n_attachments && r >= 0; i++)
                r = strv_append(ret, member->attachments[i].network);
        return r;
}

/* A network that tells no names shows its containers none but their own. */
static int add_own_names(const Member *member, FILE *lines, bool *ret_any) {
        for (size_t i = 0; i < member->n_attachments; i++) {
                const Attachment *attachment = &member->attachments[i];
                AUTO(network_done) Network network = {};
                char text[ADDRESS_TEXT_MAX];
                int r = network_read(attachment->network, &network, NULL);

                if (r < 0)
                        return r;
                if (!network.no_names)
                        continue;
                *ret_any = true;
                for (size_t k = 0; k < attachment->n_prefixes; k++)
                        (void) fprintf(lines, "%s %s\n",
                                        address_format(&attachment->prefixes[k].address, text),
                                        member->owner);
        }
        return 0;
}

/* Of other networks it is there since they are up: the names of all who are in it are there for others. */
static int make_cni_views(const Member *member) {
        const HostsHead head = { .gateway = &hosts_later };
        int r = 0;

        for (size_t i = 0; i < member->n_attachments && r >= 0; i++) {
                char *networks[] = { member->attachments[i].network, NULL };

                if (network_is_cni(networks[0]))
                        r = hosts_make_view(networks[0], networks, &head);
        }
        return r;
}

static int make_view(const PromiseRequest *request, Member *member) {
        autofree char *lines = NULL;
        autostrv char **networks = NULL;
        Address gateway = {};
        bool is_own = request->hosts && *request->hosts;
        size_t size;
        FILE *file = open_memstream(&lines, &size);
        HostsHead head = {};
        int r;

        if (!file)
                return -ENOMEM;
        if (is_own)
                (void) fputs(request->hosts, file);
        r = add_own_names(member, file, &is_own);
        if (fclose(file) != 0 && r >= 0)
                r = -ENOMEM;
        if (r >= 0)
                r = make_cni_views(member);
        if (r >= 0)
                r = list_networks(member, &networks);
        if (r < 0)
                return r;
        hosts_view_name(networks, member->owner, is_own, member->view);
        (void) promise_gateway(networks, &gateway, NULL);
        head.gateway = address_is_set(&gateway) ? &gateway : NULL;
        head.extra = lines;
        return hosts_make_view(member->view, networks, &head);
}

/* @names: NULL for those of each attachment. */
static int tell_names(const Member *member, char *const *names, const char *tag) {
        for (size_t i = 0; i < member->n_attachments; i++) {
                const Attachment *attachment = &member->attachments[i];
                AUTO(network_done) Network network = {};
                int r = network_read(attachment->network, &network, NULL);

                for (size_t k = 0; k < attachment->n_prefixes && r >= 0 && !network.no_names; k++)
                        r = hosts_add(attachment->network, &attachment->prefixes[k].address,
                                        names ? names : attachment->names, tag);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* All are taken back before one is told: a view of several networks has the tag's lines of all of them. */
static void forget_names(const Member *member, const char *tag) {
        for (size_t i = 0; i < member->n_attachments; i++)
                (void) hosts_remove(member->attachments[i].network, tag);
}

/* They lead to the first network, and with WireGuard there is none of this machine's behind it. */
static int check_ports(const PromiseRequest *request, const Member *member, Fault *fault) {
        AUTO(network_done) Network first = {};

        if (!request->publish || !*request->publish || member->n_attachments == 0 ||
                        network_read(member->attachments[0].network, &first, NULL) < 0 ||
                        first.driver != DRIVER_WIREGUARD)
                return 0;
        return fault_raise(fault, FAULT_CONFLICT, EINVAL,
                        "ports of this machine lead to the first network, and '%s' is one of WireGuard; "
                        "name another one before it",
                        first.name);
}

static int fill(const PromiseRequest *request, Member *member, Reservation *reservation, Fault *fault) {
        size_t n = strv_length(request->networks);
        int r = 0;

        if ((request->ip || request->ip6) && n != 1)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "a fixed address is of one network, and there are %zu; write it behind the "
                                "name: NAME:ip=ADDRESS",
                                n);
        for (size_t i = 0; i < n && r >= 0; i++)
                r = add_network(request, request->networks[i], member, fault);
        if (r >= 0)
                r = check_ports(request, member, fault);
        for (char *const *text = request->publish; text && *text && r >= 0; text++)
                r = reserve_ports(member, *text, reservation, fault);
        return r;
}

static int tell_again(const Member *member, void *data) {
        const Network *network = data;
        int r = 0;

        for (size_t i = 0; i < member->n_attachments; i++) {
                const Attachment *attachment = &member->attachments[i];

                for (size_t k = 0; k < attachment->n_prefixes && r >= 0; k++)
                        if (strcmp(attachment->network, network->name) == 0)
                                r = hosts_add(network->name, &attachment->prefixes[k].address,
                                                attachment->names, member->owner);
        }
        return r;
}

int promise_tell_again(Network *network) {
        return network->no_names ? 0 : member_visit(tell_again, network);
}

void promise_forget_locked(const Member *member) {
        forget_names(member, member->owner);
        for (size_t i = 0; i < member->n_attachments; i++)
                (void) lease_release(member->attachments[i].network, member->owner);
        if (*member->view == '~')
                hosts_remove_view(member->view);
        net_remove(NET_RESOLV, member->owner);
        net_remove(NET_MEMBERS, member->owner);
}

/* Addresses are leased and a view is made before there is a record of it; who was killed in between has
 * none.
 */
static void forget_unrecorded(const char *owner) {
        autostrv char **networks = NULL;
        char view[256];

        (void) net_list(NET_LEASES, &networks);
        for (char **network = networks; network && *network; network++)
                (void) lease_release(*network, owner);
        hosts_view_name(NULL, owner, true, view);
        hosts_remove_view(view);
        net_remove(NET_RESOLV, owner);
        net_remove(NET_MEMBERS, owner);
}

void promise_forget_left(const char *owner) {
        AUTO(member_done) Member left = {};

        if (member_read(owner, &left) >= 0)
                promise_forget_locked(&left);
        else
                forget_unrecorded(owner);
}

/* Containers and pods have one record a name, and so have to have different ones. */
static int check_kind(const PromiseRequest *request, Fault *fault) {
        AUTO(member_done) Member other = {};

        if (member_read(request->owner, &other) < 0 || other.is_pod == request->is_pod)
                return 0;
        return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                        "the name '%s' is that of a %s already; give this %s another one", request->owner,
                        other.is_pod ? "pod" : "container", request->is_pod ? "pod" : "container");
}

int promise_make(const PromiseRequest *request, Member *ret, Reservation *reservation, Fault *fault) {
        AUTO(member_done) Member member = { .is_pod = request->is_pod };
        autofd int lock = -1;
        int r;

        r = net_lock(&lock, fault);
        if (r < 0)
                return r;
        if (!network_name_is_valid(request->owner) || strlen(request->owner) >= sizeof(member.owner))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%.100s' is no name for a member of networks", request->owner);
        r = check_kind(request, fault);
        if (r < 0)
                return r;
        (void) strcpy(member.owner, request->owner);
        (void) snprintf(member.unit, sizeof(member.unit), "%s", request->unit ? request->unit : "");
        promise_forget_left(request->owner);
        r = fill(request, &member, reservation, fault);
        if (r >= 0)
                r = make_view(request, &member);
        if (r >= 0)
                r = FAULT_POINT("promise:record");
        if (r >= 0)
                r = member_write(&member);
        if (r >= 0)
                r = FAULT_POINT("promise:tell names");
        if (r >= 0)
                r = tell_names(&member, NULL, member.owner);
        if (r < 0) {
                promise_forget_locked(&member);
                return fault_is_raised(fault) ? r
                                              : fault_wrap(fault, r, "cannot record the networks of '%s'",
                                                                request->owner);
        }
        *ret = member;
        member = (Member){};
        return 0;
}

void promise_forget(const char *owner) {
        autofd int lock = -1;

        /* Where there was never a network, there is nothing to forget. */
        if (access(NET_LEASES, F_OK) >= 0 && net_lock(&lock, NULL) >= 0)
                promise_forget_left(owner);
}

int promise_add_name(const char *pod, const char *container, char *const *names, Fault *fault) {
        AUTO(member_done) Member member = {};
        autofd int lock = -1;
        int r;

        r = net_lock(&lock, fault);
        if (r < 0)
                return r;
        r = member_read(pod, &member);
        if (r == -ENOENT)
                return 0; /* a pod in the host's network, or without one */
        if (r >= 0) {
                forget_names(&member, container);
                r = tell_names(&member, names, container);
        }
        return r < 0 ? fault_wrap(fault, r, "cannot tell the name of '%s'", container) : 0;
}

void promise_remove_name(const char *pod, const char *container) {
        AUTO(member_done) Member member = {};
        autofd int lock = -1;

        /* Of such a name a container is refused, and the pod keeps its own. */
        if (strcmp(pod, container) == 0)
                return;
        if (net_lock(&lock, NULL) >= 0 && member_read(pod, &member) >= 0)
                forget_names(&member, container);
}

int promise_gateway(char *const *networks, Address *ret, Fault *fault) {
        static const int families[] = { AF_INET, AF_INET6 };
        bool is_later = false;

        for (size_t f = 0; f < ELEMENTS(families); f++)
                for (char *const *text = networks; text && *text; text++) {
                        AUTO(network_request_done) NetworkRequest wish = {};
                        AUTO(network_done) Network network = {};
                        const Address *gateway;
                        int r;

                        r = network_request_parse(*text, &wish, fault);
                        if (r >= 0)
                                r = network_read(wish.network, &network, fault);
                        if (r < 0)
                                return r;
                        is_later |= network.driver == DRIVER_CNI;
                        gateway = network_gateway(&network, families[f]);
                        if (!gateway)
                                continue;
                        *ret = *gateway;
                        return 0;
                }
        if (is_later)
                *ret = hosts_later;
        return is_later ? 0 : -ENOENT;
}
