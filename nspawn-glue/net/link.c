/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/link.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netlink/netlink.h>
#include <netlink/route/link.h>
#include <netlink/route/link/bridge.h>
#include <netlink/route/link/ipvlan.h>
#include <netlink/route/link/macvlan.h>
#include <netlink/route/link/veth.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/cleanup.h"
#include "lib/fault-point.h"
#include "nspawn-glue/net/link-session.h"

DEFINE_AUTO(struct rtnl_link *, rtnl_link_put)
DEFINE_AUTO(struct nl_addr *, nl_addr_put)
DEFINE_AUTO(struct nl_msg *, nlmsg_free)

int link_find(LinkSession *session, const char *name, LinkInfo *ret) {
        AUTO(rtnl_link_putp) struct rtnl_link *link = NULL;
        struct nl_addr *mac;
        int r;

        r = link_error(rtnl_link_get_kernel(session->socket, 0, name, &link));
        if (r < 0)
                return r == -ENOENT ? -ENODEV : r;
        *ret = (LinkInfo){ .index = rtnl_link_get_ifindex(link), .mtu = rtnl_link_get_mtu(link) };
        (void) snprintf(ret->kind, sizeof(ret->kind), "%s", rtnl_link_get_type(link) ?: "");
        (void) snprintf(ret->alias, sizeof(ret->alias), "%s", rtnl_link_get_ifalias(link) ?: "");
        mac = rtnl_link_get_addr(link);
        if (mac && nl_addr_get_len(mac) == sizeof(ret->mac))
                memcpy(ret->mac, nl_addr_get_binary_addr(mac), sizeof(ret->mac));
        return 0;
}

static int set_mac(struct rtnl_link *link, const uint8_t mac[static 6]) {
        AUTO(nl_addr_putp) struct nl_addr *address = NULL;

        if ((mac[0] | mac[1] | mac[2] | mac[3] | mac[4] | mac[5]) == 0)
                return 0;
        address = nl_addr_build(AF_LLC, mac, 6);
        if (!address)
                return -ENOMEM;
        rtnl_link_set_addr(link, address);
        return 0;
}

/* The bridge itself is in the VLAN, too: it is the gateway of those who are. libnl has no words for it. */
static int set_vlan_filtering(LinkSession *session, int index, unsigned vlan) {
        struct ifinfomsg header = { .ifi_index = index };
        AUTO(nlmsg_freep) struct nl_msg *message = nlmsg_alloc_simple(RTM_NEWLINK, 0);
        struct nlattr *info, *data;

        if (!message || nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO) < 0)
                return -ENOMEM;
        info = nla_nest_start(message, IFLA_LINKINFO);
        if (!info || nla_put_string(message, IFLA_INFO_KIND, "bridge") < 0)
                return -ENOMEM;
        data = nla_nest_start(message, IFLA_INFO_DATA);
        if (!data || nla_put_u8(message, IFLA_BR_VLAN_FILTERING, 1) < 0 ||
                        nla_put_u16(message, IFLA_BR_VLAN_DEFAULT_PVID, (uint16_t) vlan) < 0)
                return -ENOMEM;
        (void) nla_nest_end(message, data);
        (void) nla_nest_end(message, info);
        return link_error(nl_send_sync(session->socket, TAKE(message)));
}

int link_add_bridge(LinkSession *session, const BridgeSettings *settings) {
        AUTO(rtnl_link_putp) struct rtnl_link *link = rtnl_link_alloc();
        LinkInfo info = {};
        int r;

        if (!link)
                return -ENOMEM;
        rtnl_link_set_name(link, settings->name);
        rtnl_link_set_ifalias(link, settings->alias);
        r = link_error(rtnl_link_set_type(link, "bridge"));
        if (r >= 0)
                r = set_mac(link, settings->mac);
        if (r < 0)
                return r;
        if (settings->mtu)
                rtnl_link_set_mtu(link, settings->mtu);
        r = link_error(rtnl_link_add(session->socket, link, NLM_F_CREATE | NLM_F_EXCL));
        if (r >= 0)
                r = FAULT_POINT("up:call the bridge ours");
        if (r >= 0)
                r = link_find(session, settings->name, &info);
        if (r >= 0 && settings->vlan)
                r = set_vlan_filtering(session, info.index, settings->vlan);
        if (r < 0)
                return r;
        /* It is not taken into account when a link is made, and it says that all the rest is. */
        rtnl_link_set_ifindex(link, info.index);
        r = link_error(rtnl_link_change(session->socket, link, link, 0));
        return r < 0 ? r : info.index;
}

/* A frame may have to leave through the port that it came by: when a container asks for its own published
 * port, and the kernel has bridges look at packets' rules (br_netfilter). */
static int set_hairpin(LinkSession *session, int index) {
        struct ifinfomsg header = { .ifi_family = AF_BRIDGE, .ifi_index = index };
        AUTO(nlmsg_freep) struct nl_msg *message = nlmsg_alloc_simple(RTM_SETLINK, 0);
        struct nlattr *nest;

        if (!message || nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO) < 0)
                return -ENOMEM;
        nest = nla_nest_start(message, IFLA_PROTINFO | NLA_F_NESTED);
        if (!nest || nla_put_u8(message, IFLA_BRPORT_MODE, 1) < 0)
                return -ENOMEM;
        (void) nla_nest_end(message, nest);
        return link_error(nl_send_sync(session->socket, TAKE(message)));
}

/* What leaves through the port has the tag taken off; it is put on what comes in. */
static int set_port_vlan(LinkSession *session, int index, unsigned vlan) {
        struct bridge_vlan_info info = {
                .flags = BRIDGE_VLAN_INFO_PVID | BRIDGE_VLAN_INFO_UNTAGGED,
                .vid = (uint16_t) vlan,
        };
        struct ifinfomsg header = { .ifi_family = AF_BRIDGE, .ifi_index = index };
        AUTO(nlmsg_freep) struct nl_msg *message = nlmsg_alloc_simple(RTM_SETLINK, 0);
        struct nlattr *nest;

        if (!message || nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO) < 0)
                return -ENOMEM;
        nest = nla_nest_start(message, IFLA_AF_SPEC);
        if (!nest || nla_put(message, IFLA_BRIDGE_VLAN_INFO, sizeof(info), &info) < 0)
                return -ENOMEM;
        (void) nla_nest_end(message, nest);
        return link_error(nl_send_sync(session->socket, TAKE(message)));
}

static int find_index(LinkSession *session, const char *name, int *ret) {
        LinkInfo info;
        int r = link_find(session, name, &info);

        if (r >= 0)
                *ret = info.index;
        return r;
}

int link_add_veth(LinkSession *session, const VethSettings *settings) {
        AUTO(rtnl_link_putp) struct rtnl_link *link = rtnl_link_veth_alloc();
        struct rtnl_link *peer;
        int index, r;

        if (!link)
                return -ENOMEM;
        peer = rtnl_link_veth_get_peer(link);
        rtnl_link_set_name(link, settings->own_name);
        rtnl_link_set_master(link, settings->parent);
        rtnl_link_set_flags(link, IFF_UP);
        rtnl_link_set_name(peer, settings->name);
        rtnl_link_set_ns_fd(peer, settings->namespace_fd);
        if (settings->mtu) {
                rtnl_link_set_mtu(link, settings->mtu);
                rtnl_link_set_mtu(peer, settings->mtu);
        }
        r = set_mac(link, settings->own_mac);
        if (r >= 0)
                r = set_mac(peer, settings->mac);
        if (r >= 0)
                r = link_error(rtnl_link_add(session->socket, link, NLM_F_CREATE | NLM_F_EXCL));
        rtnl_link_put(peer);
        if (r >= 0)
                r = find_index(session, settings->own_name, &index);
        if (r >= 0)
                r = set_hairpin(session, index);
        if (r >= 0 && settings->vlan)
                r = set_port_vlan(session, index, settings->vlan);
        return r;
}

static int set_mode(struct rtnl_link *link, const char *kind, const char *mode) {
        bool is_macvlan = strcmp(kind, "macvlan") == 0;
        int number;

        if (!*mode)
                mode = is_macvlan ? "bridge" : "l2";
        number = is_macvlan ? rtnl_link_macvlan_str2mode(mode) : rtnl_link_ipvlan_str2mode(mode);
        if (number < 0)
                return -EINVAL;
        return link_error(is_macvlan ? rtnl_link_macvlan_set_mode(link, (uint32_t) number)
                                     : rtnl_link_ipvlan_set_mode(link, (uint16_t) number));
}

int link_add_stacked(
                LinkSession *session, const char *kind, const char *mode, const VethSettings *settings) {
        bool is_macvlan = strcmp(kind, "macvlan") == 0;
        AUTO(rtnl_link_putp)
        struct rtnl_link *link = is_macvlan ? rtnl_link_macvlan_alloc() : rtnl_link_ipvlan_alloc();
        int r;

        if (!link)
                return -ENOMEM;
        rtnl_link_set_link(link, settings->parent);
        rtnl_link_set_name(link, settings->name);
        rtnl_link_set_ns_fd(link, settings->namespace_fd);
        if (settings->mtu)
                rtnl_link_set_mtu(link, settings->mtu);
        r = set_mode(link, kind, mode);
        if (r >= 0 && is_macvlan)
                r = set_mac(link, settings->mac);
        return r < 0 ? r : link_error(rtnl_link_add(session->socket, link, NLM_F_CREATE | NLM_F_EXCL));
}

int link_add_plain(LinkSession *session, const char *kind, const char *name, unsigned mtu) {
        AUTO(rtnl_link_putp) struct rtnl_link *link = rtnl_link_alloc();
        int r;

        if (!link)
                return -ENOMEM;
        rtnl_link_set_name(link, name);
        if (mtu)
                rtnl_link_set_mtu(link, mtu);
        r = link_error(rtnl_link_set_type(link, kind));
        return r < 0 ? r : link_error(rtnl_link_add(session->socket, link, NLM_F_CREATE | NLM_F_EXCL));
}

int link_move(LinkSession *session, int index, int namespace_fd, const char *name) {
        AUTO(rtnl_link_putp) struct rtnl_link *old = rtnl_link_alloc(), *new = rtnl_link_alloc();

        if (!old || !new)
                return -ENOMEM;
        rtnl_link_set_ifindex(old, index);
        rtnl_link_set_name(new, name);
        rtnl_link_set_ns_fd(new, namespace_fd);
        return link_error(rtnl_link_change(session->socket, old, new, 0));
}

static int change(LinkSession *session, int index, unsigned mtu, unsigned flags) {
        AUTO(rtnl_link_putp) struct rtnl_link *old = rtnl_link_alloc(), *new = rtnl_link_alloc();

        if (!old || !new)
                return -ENOMEM;
        rtnl_link_set_ifindex(old, index);
        if (mtu)
                rtnl_link_set_mtu(new, mtu);
        if (flags)
                rtnl_link_set_flags(new, flags);
        return link_error(rtnl_link_change(session->socket, old, new, 0));
}

int link_set_master(LinkSession *session, const char *name, int bridge) {
        LinkInfo info;
        int r = link_find(session, name, &info);

        if (r < 0)
                return r;
        r = link_error(rtnl_link_enslave_ifindex(session->socket, bridge, info.index));
        return r < 0 ? r : set_hairpin(session, info.index);
}

int link_set_mtu(LinkSession *session, int index, unsigned mtu) {
        return change(session, index, mtu, 0);
}

int link_set_up(LinkSession *session, int index) {
        return change(session, index, 0, IFF_UP);
}

int link_remove(LinkSession *session, int index) {
        AUTO(rtnl_link_putp) struct rtnl_link *link = rtnl_link_alloc();

        if (!link)
                return -ENOMEM;
        rtnl_link_set_ifindex(link, index);
        return link_error(rtnl_link_delete(session->socket, link));
}
