/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/bring.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/blake2b.h"
#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/helper.h"
#include "nspawn-glue/net/attach.h"
#include "nspawn-glue/net/firewall.h"
#include "nspawn-glue/net/foreign-chains.h"
#include "nspawn-glue/net/hosts.h"
#include "nspawn-glue/net/kernel.h"
#include "nspawn-glue/net/link.h"
#include "nspawn-glue/net/promise.h"
#include "nspawn-glue/net/request.h"
#include "nspawn-glue/net/subnet.h"
#include "nspawn-glue/net/wireguard.h"

/* "sw-NAME", without what every name of Quadlet's begins with; what is too long ends in a hash. */
static void derive_interface(const char *name, char ret[static IFNAMSIZ]) {
        const char *stem = strncmp(name, "systemd-", 8) == 0 && name[8] ? name + 8 : name;
        char hex[2 * BLAKE2B_SIZE + 1];
        Blake2b hash;

        if (strcmp(name, NETWORK_DEFAULT) == 0) {
                (void) strcpy(ret, "slipway0");
                return;
        }
        if (strlen(stem) + 3 < IFNAMSIZ) {
                (void) snprintf(ret, IFNAMSIZ, "sw-%s", stem);
                return;
        }
        blake2b_begin(&hash);
        blake2b_add(&hash, name, strlen(name));
        blake2b_end_hex(&hash, hex);
        (void) snprintf(ret, IFNAMSIZ, "sw-%.7s-%.4s", stem, hex);
}

/* Two networks cannot be one bridge. */
static int check_interface(const Network *network, Fault *fault) {
        autostrv char **names = NULL;
        int r;

        if (network->driver != DRIVER_BRIDGE)
                return 0;
        r = network_list(&names);
        for (char **name = names; name && *name && r >= 0; name++) {
                AUTO(network_done) Network other = {};

                if (strcmp(*name, network->name) == 0 || network_read(*name, &other, NULL) < 0)
                        continue;
                if (other.driver == DRIVER_BRIDGE && strcmp(other.interface, network->interface) == 0)
                        return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                        "the interface '%s' is network '%s''s; say another one with "
                                        "InterfaceName=",
                                        network->interface, *name);
        }
        return r;
}

static void alias_of(const Network *network, char ret[static 64]) {
        (void) snprintf(ret, 64, NETWORK_ALIAS "%s", network->name);
}

static void bridge_mac(const Network *network, uint8_t ret[static 6]) {
        char hex[2 * BLAKE2B_SIZE + 1];
        Blake2b hash;

        blake2b_begin(&hash);
        blake2b_add(&hash, network->name, strlen(network->name));
        blake2b_end_hex(&hash, hex);
        mac_from_hash(0x06, hex, ret);
}

/* Its name is the last thing that a bridge gets, and its address the first: who was killed in between has
 * left one that nobody calls his. */
static bool is_half_made(const LinkInfo *info, const Network *network) {
        uint8_t mac[6];

        bridge_mac(network, mac);
        return strcmp(info->kind, "bridge") == 0 && !*info->alias &&
               memcmp(info->mac, mac, sizeof(mac)) == 0;
}

/* What is there already must be ours. Return: its index, 0 when there is none. */
static int find_bridge(LinkSession *session, const Network *network, Fault *fault) {
        char alias[64];
        LinkInfo info;
        int r;

        r = link_find(session, network->interface, &info);
        if (r < 0)
                return r == -ENODEV ? 0 : r;
        if (is_half_made(&info, network))
                return link_remove(session, info.index);
        alias_of(network, alias);
        if (strcmp(info.kind, "bridge") != 0 || strncmp(info.alias, alias, sizeof(info.alias) - 1) != 0)
                return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                "there is an interface '%s' already, and it is not Slipway's; say another "
                                "name with InterfaceName=",
                                network->interface);
        return info.index;
}

/* A bridge has the gateway's addresses, and none that it has no more. */
static int set_addresses(LinkSession *session, int index, const Network *network) {
        Prefix there[2 * SUBNETS_MAX];
        size_t n = 0;
        int r;

        for (size_t i = 0; i < network->n_subnets; i++) {
                Prefix own = { .address = network->subnets[i].gateway,
                        .length = network->subnets[i].prefix.length };

                if (!address_is_set(&own.address))
                        continue;
                r = link_add_address(session, index, &own);
                if (r < 0)
                        return r;
        }
        r = link_list_addresses(session, index, there, ELEMENTS(there), &n);
        for (size_t i = 0; i < n && r >= 0; i++) {
                bool is_wanted = false;

                for (size_t k = 0; k < network->n_subnets; k++)
                        is_wanted |= there[i].length == network->subnets[k].prefix.length &&
                                     address_compare(&there[i].address, &network->subnets[k].gateway) == 0;
                if (!is_wanted)
                        r = link_remove_address(session, index, &there[i]);
        }
        return r;
}

static bool has_family(const Network *network, int family) {
        return network_gateway(network, family);
}

static int set_kernel(const Network *network, Fault *fault) {
        const char *interface = network->interface;
        int r;

        (void) kernel_set("0", "ipv6/conf/%s/accept_ra", interface);
        (void) kernel_set("0", "ipv6/conf/%s/accept_dad", interface);
        /* For who asks for a published port of 127.0.0.1; the rules keep others from it. */
        r = kernel_set("1", "ipv4/conf/%s/route_localnet", interface);
        if (r < 0)
                return fault_wrap(fault, r, "cannot set up the interface '%s'", interface);
        return kernel_forward(has_family(network, AF_INET) && !network->internal,
                        has_family(network, AF_INET6) && !network->internal, fault);
}

static int make_bridge(LinkSession *session, const Network *network, int index, Fault *fault) {
        BridgeSettings settings = { .name = network->interface, .mtu = network->mtu, .vlan = network->vlan };
        char alias[64];
        int r = 0;

        alias_of(network, alias);
        settings.alias = alias;
        bridge_mac(network, settings.mac);
        if (index == 0)
                index = r = link_add_bridge(session, &settings);
        else if (network->mtu)
                r = link_set_mtu(session, index, network->mtu);
        if (r == -EOPNOTSUPP && network->vlan)
                return fault_raise(
                                fault, FAULT_UNSUPPORTED, EOPNOTSUPP, "the kernel has no VLANs on bridges");
        if (r >= 0)
                r = FAULT_POINT("up:set the bridge up");
        if (r >= 0)
                r = link_set_up(session, index);
        if (r >= 0)
                r = set_addresses(session, index, network);
        return r < 0 ? fault_wrap(fault, r, "cannot make the bridge '%s'", network->interface) : 0;
}

/* What a macvlan or ipvlan stands on is the administrator's, and has to be there. */
static int check_parent(LinkSession *session, const Network *network, Fault *fault) {
        LinkInfo info;
        int r;

        if (!*network->interface)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "a network of driver %s needs an interface of the machine: InterfaceName=",
                                network_driver_to_string(network->driver));
        r = link_find(session, network->interface, &info);
        if (r == -ENODEV)
                return fault_raise(fault, FAULT_MISSING, ENODEV,
                                "there is no interface '%s'; 'ip link' shows those that there are",
                                network->interface);
        return r < 0 ? fault_wrap(fault, r, "cannot look at the interface '%s'", network->interface) : 0;
}

typedef struct Holder {
        const Network *network; /* as it is to be */
        char owner[65];
} Holder;

/* Whether a member has an address that the network would not have any more. */
static int holds_address(const Member *member, void *data) {
        Holder *holder = data;

        for (size_t i = 0; i < member->n_attachments; i++) {
                const Attachment *attachment = &member->attachments[i];

                if (strcmp(attachment->network, holder->network->name) != 0)
                        continue;
                (void) strcpy(holder->owner, member->owner);
                for (size_t k = 0; k < attachment->n_prefixes; k++) {
                        bool is_kept = false;

                        for (size_t j = 0; j < holder->network->n_subnets; j++)
                                is_kept |= prefix_contains(&holder->network->subnets[j].prefix,
                                                           &attachment->prefixes[k].address) &&
                                           holder->network->subnets[j].prefix.length ==
                                                           attachment->prefixes[k].length;
                        if (!is_kept)
                                return 1;
                }
        }
        return 0;
}

static int is_member(const Member *member, void *data) {
        Holder *holder = data;

        for (size_t i = 0; i < member->n_attachments; i++)
                if (strcmp(member->attachments[i].network, holder->network->name) == 0) {
                        (void) strcpy(holder->owner, member->owner);
                        return 1;
                }
        return 0;
}

static int check_change(const Network *old, const Network *network, Fault *fault) {
        Holder holder = { .network = network };

        if (member_visit(holds_address, &holder) > 0)
                return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                "'%s' has an address in a subnet that network '%s' is to lose; restart the "
                                "network, which restarts its containers",
                                holder.owner, network->name);
        if ((old->driver != network->driver || strcmp(old->interface, network->interface) != 0) &&
                        member_visit(is_member, &holder) > 0)
                return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                "'%s' is in network '%s', so its driver and interface cannot be changed; "
                                "restart the network, which restarts its containers",
                                holder.owner, network->name);
        return 0;
}

typedef struct Ports {
        LinkSession *session;
        const Network *network;
        int bridge;
} Ports;

/* Who was in the network when it went down is in it again. */
static int plug_in(const Member *member, void *data) {
        const Ports *ports = data;
        char name[IFNAMSIZ];

        for (size_t i = 0; i < member->n_attachments; i++)
                if (strcmp(member->attachments[i].network, ports->network->name) == 0) {
                        attach_host_name(ports->network->name, member->owner, name);
                        (void) link_set_master(ports->session, name, ports->bridge);
                }
        return 0;
}

static int plug_all_in(LinkSession *session, const Network *network) {
        Ports ports = { .session = session, .network = network };
        LinkInfo info;
        int r;

        r = link_find(session, network->interface, &info);
        if (r < 0)
                return r;
        ports.bridge = info.index;
        return member_visit(plug_in, &ports);
}

/* Whose socket listens on the gateway, and who is started by the first query. */
static int set_resolver(const char *network, bool wanted, Fault *fault) {
        char *const command[] = { (char *) SLIPWAY_LIBEXEC_DIR "/slipway-dns",
                (char *) (wanted ? "--start" : "--stop"), (char *) network, NULL };
        int r = helper_do(command, fault);

        return r < 0 ? fault_wrap(fault, r, "cannot %s the responder of network '%s'",
                                       wanted ? "start" : "stop", network)
                     : 0;
}

/* What is there, and what there is to be. */
static int find_out(LinkSession *session, Network *network, int *ret_index, Fault *fault) {
        int r;

        if (network->driver == DRIVER_WIREGUARD)
                return wireguard_prepare(network, fault);
        if (network->driver == DRIVER_BRIDGE)
                *ret_index = r = find_bridge(session, network, fault);
        else
                r = check_parent(session, network, fault);
        return r < 0 ? r : subnet_settle(session, network, *ret_index, fault);
}

static void tell_hidden(void) {
        if (foreign_chains_are_hidden())
                report_note(REPORT_WARNING,
                                "there are tables of iptables-legacy, which are not asked about published "
                                "ports; see 'Firewalls' in slipway-net(8)");
}

static int make(LinkSession *session, Network *network, Fault *fault) {
        char *networks[] = { network->name, NULL };
        HostsHead head = {};
        int index = 0, r;

        r = find_out(session, network, &index, fault);
        if (r < 0)
                return r;

        /* From here on there is something to take back. */
        r = network_write(network);
        if (r >= 0)
                r = FAULT_POINT("up:record");
        if (r >= 0 && network->driver == DRIVER_BRIDGE) {
                r = make_bridge(session, network, index, fault);
                if (r >= 0)
                        r = set_kernel(network, fault);
                if (r >= 0)
                        r = plug_all_in(session, network);
        }
        head.gateway = network_gateway(network, AF_INET) ?: network_gateway(network, AF_INET6);
        if (r >= 0)
                r = FAULT_POINT("up:names");
        if (r >= 0)
                r = hosts_make_view(network->name, networks, &head);
        if (r > 0)
                r = promise_tell_again(network);
        if (r >= 0)
                r = FAULT_POINT("up:rules");
        if (r >= 0)
                r = firewall_rebuild(fault);
        if (r >= 0)
                tell_hidden();
        return r;
}

/* With what it was asked for before, a network keeps its subnets. */
static void keep_chosen(const Network *old, Network *network) {
        if (network->n_subnets > 0 || old->driver != network->driver)
                return;
        for (size_t i = 0; i < old->n_subnets; i++) {
                bool is_six = old->subnets[i].prefix.address.family == AF_INET6;

                if (old->subnets[i].is_chosen && (!is_six || network->wants_ipv6))
                        network->subnets[network->n_subnets++] = old->subnets[i];
        }
}

static int take_down(LinkSession *session, const Network *network, Fault *fault) {
        int index, r;

        if (network->driver != DRIVER_BRIDGE)
                return 0;
        index = find_bridge(session, network, fault);
        r = index > 0 ? link_remove(session, index) : index;
        return r < 0 ? fault_wrap(fault, r, "cannot remove the bridge '%s'", network->interface) : 0;
}

static int remove_record(const char *name, Fault *fault) {
        int r;

        (void) FAULT_POINT("down:remove the record");
        hosts_remove_views(name);
        net_remove(NET_NETWORKS, name);
        r = FAULT_POINT("down:rules");
        return r < 0 ? r : firewall_rebuild(fault);
}

/* Another bridge than before: the old one goes. */
static int remove_old(LinkSession *session, const Network *old, const Network *network, Fault *fault) {
        if (old->driver != DRIVER_BRIDGE || (network->driver == DRIVER_BRIDGE &&
                                                            strcmp(old->interface, network->interface) == 0))
                return 0;
        return take_down(session, old, fault);
}

/* A unit that has failed to start is not stopped, and nobody else would. */
static void take_back(LinkSession *session, const Network *network) {
        (void) take_down(session, network, NULL);
        (void) remove_record(network->name, NULL);
}

/* What was up before is again as it was, so that those who are in it go on; it has said what kept the new
 * from that. */
static void put_back(LinkSession *session, Network *old, const Network *network) {
        Fault fault = {};
        int r;

        r = remove_old(session, network, old, &fault);
        if (r >= 0)
                r = make(session, old, &fault);
        if (r >= 0 && (old->resolver || network->resolver))
                r = set_resolver(old->name, old->resolver, &fault);
        if (r >= 0)
                return;
        (void) fault_wrap(&fault, r, "network '%s' is neither as it was nor as it is to be", old->name);
        report_fault(REPORT_WARNING, &fault);
}

int bring_up(Network *wish, Fault *fault) {
        AUTO(link_session_closep) LinkSession *session = NULL;
        AUTO(network_done) Network old = {};
        autofd int lock = -1;
        bool is_up, is_new, is_begun = false;
        int r;

        r = net_lock(&lock, fault);
        if (r >= 0)
                r = link_session_open(&session, fault);
        if (r < 0)
                return r;
        r = network_read(wish->name, &old, NULL);
        is_up = r >= 0;
        is_new = r == -ENOENT;
        if (!*wish->interface && wish->driver == DRIVER_BRIDGE)
                derive_interface(wish->name, wish->interface);
        r = check_interface(wish, fault);
        if (r >= 0 && is_up) {
                keep_chosen(&old, wish);
                r = check_change(&old, wish, fault);
                is_begun = r >= 0;
                if (r >= 0)
                        r = remove_old(session, &old, wish, fault);
        }
        if (r >= 0)
                r = make(session, wish, fault);
        if (r >= 0 && (wish->resolver || old.resolver))
                r = set_resolver(wish->name, wish->resolver, fault);
        if (r < 0 && is_new)
                take_back(session, wish);
        if (r < 0 && is_begun)
                put_back(session, &old, wish);
        return r;
}

static void forget_choices(const char *name) {
        subnet_forget(name);
        net_remove(NET_LEASES, name);
}

int bring_down(const char *name, bool forget, Fault *fault) {
        AUTO(link_session_closep) LinkSession *session = NULL;
        AUTO(network_done) Network network = {};
        Holder holder = { .network = &network };
        autofd int lock = -1;
        int r;

        if (!network_name_is_valid(name))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%.100s' is no name of a network", name);
        r = net_lock(&lock, fault);
        if (r < 0)
                return r;
        if (forget)
                forget_choices(name);
        r = network_read(name, &network, NULL);
        if (r == -ENOENT)
                return 0;
        /* Its bridge is known by its alias, should it come up again. */
        if (r < 0)
                return remove_record(name, fault);
        if (member_visit(is_member, &holder) > 0)
                report_note(REPORT_WARNING, "network '%s' goes down although '%s' is in it", name,
                                holder.owner);
        r = network.resolver ? set_resolver(name, false, fault) : 0;
        if (r >= 0)
                r = link_session_open(&session, fault);
        if (r >= 0)
                r = take_down(session, &network, fault);
        if (r < 0)
                return r;
        return remove_record(name, fault);
}
