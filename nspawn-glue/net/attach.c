/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/attach.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/blake2b.h"
#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "nspawn-glue/net/cni.h"
#include "nspawn-glue/net/firewall.h"
#include "nspawn-glue/net/flows.h"
#include "nspawn-glue/net/kernel.h"
#include "nspawn-glue/net/link.h"
#include "nspawn-glue/net/promise.h"
#include "nspawn-glue/net/request.h"
#include "nspawn-glue/net/settle.h"
#include "nspawn-glue/net/wireguard.h"

/* A default route of a second network gives way to that of the first. */
#define METRIC_BASE 100

static void hash_of(const char *network, const char *owner, char hex[static 2 * BLAKE2B_SIZE + 1]) {
        Blake2b hash;

        blake2b_begin(&hash);
        blake2b_add(&hash, "veth", 5);
        blake2b_add(&hash, network, strlen(network) + 1);
        blake2b_add(&hash, owner, strlen(owner));
        blake2b_end_hex(&hash, hex);
}

void attach_host_name(const char *network, const char *owner, char ret[static IFNAMSIZ]) {
        char hex[2 * BLAKE2B_SIZE + 1];

        hash_of(network, owner, hex);
        (void) snprintf(ret, IFNAMSIZ, "swv%.10s", hex);
}

static void host_mac(const char *network, const char *owner, uint8_t ret[static 6]) {
        char hex[2 * BLAKE2B_SIZE + 1];

        hash_of(network, owner, hex);
        mac_from_hash(0x0a, hex, ret);
}

int attach_prepare(const Member *member, bool *ret_proxied, Fault *fault) {
        AUTO(member_done) Member now = {};
        autofd int lock = -1;
        int r;

        *ret_proxied = false;
        if (cni_remove(member->owner) < 0)
                cni_forget(member->owner);
        if (member->n_ports == 0 || member_is_late(member))
                return 0;
        r = net_lock(&lock, fault);
        /* Who has failed meanwhile has had all taken back, and nobody would take back what comes after. */
        if (r >= 0)
                r = member_read(member->owner, &now);
        if (r >= 0)
                r = FAULT_POINT("attach:rules");
        if (r >= 0)
                r = firewall_publish(&now, ret_proxied, fault);
        if (r >= 0)
                flows_forget(&now);
        return r;
}

static int find_parent(LinkSession *host, const Network *network, int *ret, Fault *fault) {
        LinkInfo info;
        int r = link_find(host, network->interface, &info);

        if (r == -ENODEV)
                return fault_raise(fault, FAULT_MISSING, ENODEV,
                                "the interface '%s' of network '%s' has gone; 'systemctl restart' of the "
                                "network's unit makes it again",
                                network->interface, network->name);
        if (r < 0)
                return fault_wrap(fault, r, "cannot look at the interface '%s'", network->interface);
        *ret = info.index;
        return 0;
}

/* One that somebody else's process keeps alive in a namespace of an earlier life. */
static void remove_left(LinkSession *host, const char *name) {
        LinkInfo info;

        if (link_find(host, name, &info) >= 0)
                (void) link_remove(host, info.index);
}

static int make_pair(LinkSession *host, const Member *member, const Network *network,
                const Attachment *attachment, int namespace_fd, Fault *fault) {
        char own_name[IFNAMSIZ];
        VethSettings settings = {
                .own_name = own_name,
                .name = attachment->interface,
                .namespace_fd = namespace_fd,
                .mtu = network->mtu,
                .vlan = network->vlan,
        };
        int r;

        r = find_parent(host, network, &settings.parent, fault);
        if (r < 0)
                return r;
        attach_host_name(network->name, member->owner, own_name);
        host_mac(network->name, member->owner, settings.own_mac);
        memcpy(settings.mac, attachment->mac, sizeof(settings.mac));
        if (network->driver != DRIVER_BRIDGE)
                return link_add_stacked(
                                host, network_driver_to_string(network->driver), network->mode, &settings);
        r = link_add_veth(host, &settings);
        if (r != -EEXIST)
                return r;
        remove_left(host, own_name);
        return link_add_veth(host, &settings);
}

static const Subnet *subnet_of(const Network *network, const Address *address) {
        for (size_t i = 0; i < network->n_subnets; i++)
                if (prefix_contains(&network->subnets[i].prefix, address))
                        return &network->subnets[i];
        return NULL;
}

static uint32_t choose_metric(const Network *network, const Attachment *attachment, size_t position) {
        return attachment->metric ? attachment->metric
               : network->metric  ? network->metric
                                  : METRIC_BASE + (uint32_t) position;
}

static int add_default_route(LinkSession *inside, int index, const Network *network,
                const Attachment *attachment, const Address *gateway, size_t position) {
        Prefix all = { .address.family = gateway->family };

        return link_add_route(inside, index, &all, gateway, choose_metric(network, attachment, position));
}

static int add_routes(LinkSession *inside, int index, const Network *network, const Attachment *attachment,
                size_t position) {
        int r = 0;

        for (size_t i = 0; i < attachment->n_prefixes && r >= 0 && !attachment->no_default_route; i++) {
                const Subnet *subnet = subnet_of(network, &attachment->prefixes[i].address);

                if (subnet && address_is_set(&subnet->gateway))
                        r = add_default_route(
                                        inside, index, network, attachment, &subnet->gateway, position);
        }
        for (size_t i = 0; i < network->n_routes && r >= 0; i++) {
                const NetworkRoute *route = &network->routes[i];
                const Address *gateway =
                                address_is_set(&route->gateway)
                                                ? &route->gateway
                                                : network_gateway(network,
                                                                  route->destination.address.family);

                r = link_add_route(inside, index, &route->destination, gateway, route->metric);
        }
        return r;
}

/* The kernel's own ways to get addresses and to doubt them are for networks that nobody manages. */
static void set_kernel(const char *interface) {
        (void) kernel_set("0", "ipv6/conf/%s/accept_ra", interface);
        (void) kernel_set("0", "ipv6/conf/%s/accept_dad", interface);
}

static int set_up(
                LinkSession *inside, const Network *network, const Attachment *attachment, size_t position) {
        LinkInfo info;
        int r;

        r = link_find(inside, attachment->interface, &info);
        if (r < 0)
                return r;
        set_kernel(attachment->interface);
        for (size_t i = 0; i < attachment->n_prefixes && r >= 0; i++)
                r = link_add_address(inside, info.index, &attachment->prefixes[i]);
        if (r >= 0)
                r = link_set_up(inside, info.index);
        return r < 0 ? r : add_routes(inside, info.index, network, attachment, position);
}

static int raise_loopback(LinkSession *inside) {
        LinkInfo info;
        int r = link_find(inside, "lo", &info);

        return r < 0 ? r : link_set_up(inside, info.index);
}

typedef struct Sides {
        LinkSession *host, *inside;
        int host_fd, namespace_fd;
} Sides;

/* What is executed for it is executed outside. */
static int leave_namespace(const Sides *sides) {
        return setns(sides->host_fd, CLONE_NEWNET) < 0 ? -errno : 0;
}

static int enter_namespace(const Sides *sides, int r) {
        return setns(sides->namespace_fd, CLONE_NEWNET) < 0 ? -errno : r;
}

static int attach_by_plugins(const Sides *sides, Member *member, size_t position, Fault *fault) {
        int r;

        r = leave_namespace(sides);
        if (r >= 0)
                r = cni_add(member, position, sides->namespace_fd, fault);
        if (r >= 0)
                r = FAULT_POINT("attach:interface");
        return enter_namespace(sides, r);
}

static int attach_wireguard(const Sides *sides, const Member *member, const Network *network,
                size_t position, Fault *fault) {
        const Attachment *attachment = &member->attachments[position];
        AUTO(wireguard_config_done) WireguardConfig config = {};
        LinkInfo info;
        int r;

        r = leave_namespace(sides);
        if (r >= 0)
                r = wireguard_make(sides->host, network, member, attachment, sides->namespace_fd, &config,
                                fault);
        r = enter_namespace(sides, r);
        if (r >= 0)
                r = FAULT_POINT("attach:interface");
        if (r >= 0)
                r = set_up(sides->inside, network, attachment, position);
        if (r >= 0)
                r = link_find(sides->inside, attachment->interface, &info);
        return r < 0 ? r
                     : wireguard_route(sides->inside, info.index, &config, attachment,
                                       choose_metric(network, attachment, position));
}

static int attach_link(const Sides *sides, const Member *member, const Network *network, size_t position,
                Fault *fault) {
        const Attachment *attachment = &member->attachments[position];
        int r;

        r = make_pair(sides->host, member, network, attachment, sides->namespace_fd, fault);
        if (r >= 0)
                r = FAULT_POINT("attach:interface");
        return r < 0 ? r : set_up(sides->inside, network, attachment, position);
}

static int attach_one(const Sides *sides, Member *member, size_t position, Fault *fault) {
        const Attachment *attachment = &member->attachments[position];
        AUTO(network_done) Network network = {};
        int r;

        r = network_read(attachment->network, &network, fault);
        if (r < 0)
                return r;
        if (network.driver == DRIVER_CNI)
                r = attach_by_plugins(sides, member, position, fault);
        else if (network.driver == DRIVER_WIREGUARD)
                r = attach_wireguard(sides, member, &network, position, fault);
        else
                r = attach_link(sides, member, &network, position, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot make the interface '%s' in network '%s'",
                                       attachment->interface, attachment->network)
                     : 0;
}

/* Inside of the namespace: what is opened there stays there, and so do settings. */
static int attach_inside(Sides *sides, Member *member, Fault *fault) {
        AUTO(link_session_closep) LinkSession *inside = NULL;
        int r;

        r = link_session_open(&inside, fault);
        if (r >= 0)
                r = raise_loopback(inside);
        sides->inside = inside;
        for (size_t i = 0; i < member->n_attachments && r >= 0; i++)
                r = attach_one(sides, member, i, fault);
        return r;
}

int attach_make(Member *member, int namespace_fd, bool *ret_proxied, Fault *fault) {
        AUTO(link_session_closep) LinkSession *host = NULL;
        autofd int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
        Sides sides = { .host_fd = own, .namespace_fd = namespace_fd };
        int r;

        if (own < 0)
                return -errno;
        r = link_session_open(&host, fault);
        if (r < 0)
                return r;
        if (setns(namespace_fd, CLONE_NEWNET) < 0)
                return fault_wrap(fault, -errno, "cannot enter the network namespace");
        sides.host = host;
        r = attach_inside(&sides, member, fault);
        if (setns(own, CLONE_NEWNET) < 0)
                return -errno;
        return r >= 0 && member_is_late(member) ? settle_member(member, ret_proxied, fault) : r;
}

int attach_forget(const char *owner, Fault *fault) {
        AUTO(member_done) Member member = {};
        autofd int lock = -1;
        int r, withdrawn;

        /* What it cannot undo, it has said. */
        (void) cni_remove(owner);
        r = net_lock(&lock, fault);
        if (r < 0)
                return r;
        r = member_read(owner, &member);
        if (r < 0) {
                promise_forget_left(owner);
                /* Of what cannot be read nothing can be taken back piece by piece. */
                return r == -ENOENT ? 0 : firewall_rebuild(fault);
        }
        wireguard_forget(&member);
        withdrawn = firewall_withdraw(&member);
        if (withdrawn >= 0)
                withdrawn = FAULT_POINT("detach:rules");
        promise_forget_locked(&member);
        /* Who outlives his network is the last who needs the table. */
        return withdrawn < 0 || firewall_is_needed() == 0 ? firewall_rebuild(fault) : 0;
}
