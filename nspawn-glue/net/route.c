/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/route.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/net/link-session.h"

DEFINE_AUTO(struct rtnl_addr *, rtnl_addr_put)
DEFINE_AUTO(struct rtnl_route *, rtnl_route_put)
DEFINE_AUTO(struct nl_addr *, nl_addr_put)
DEFINE_AUTO(struct nl_cache *, nl_cache_free)

static struct nl_addr *to_nl(const Prefix *prefix) {
        struct nl_addr *address = nl_addr_build(
                        prefix->address.family, prefix->address.bytes, address_size(&prefix->address));

        if (address)
                nl_addr_set_prefixlen(address, (int) prefix->length);
        return address;
}

static struct nl_addr *address_to_nl(const Address *address) {
        const Prefix prefix = { .address = *address, .length = address_bits(address) };

        return to_nl(&prefix);
}

static int from_nl(const struct nl_addr *address, Prefix *ret) {
        Prefix prefix = { .address.family = nl_addr_get_family(address),
                .length = nl_addr_get_prefixlen(address) };

        if (prefix.address.family != AF_INET && prefix.address.family != AF_INET6)
                return -EAFNOSUPPORT;
        if (nl_addr_get_len(address) > sizeof(prefix.address.bytes))
                return -EINVAL;
        memcpy(prefix.address.bytes, nl_addr_get_binary_addr(address), nl_addr_get_len(address));
        *ret = prefix;
        return 0;
}

static int build_address(int index, const Prefix *prefix, struct rtnl_addr **ret) {
        AUTO(rtnl_addr_putp) struct rtnl_addr *address = rtnl_addr_alloc();
        AUTO(nl_addr_putp) struct nl_addr *local = to_nl(prefix);
        int r;

        if (!address || !local)
                return -ENOMEM;
        rtnl_addr_set_ifindex(address, index);
        r = link_error(rtnl_addr_set_local(address, local));
        if (r < 0)
                return r;
        /* Nobody else has it: that is what leases are for. */
        if (prefix->address.family == AF_INET6)
                rtnl_addr_set_flags(address, IFA_F_NODAD);
        *ret = TAKE(address);
        return 0;
}

/* Where broadcasts go, as programs expect to find it. */
static int set_broadcast(struct rtnl_addr *address, const Prefix *prefix) {
        AUTO(nl_addr_putp) struct nl_addr *broadcast = NULL;
        Address last = prefix_last(prefix);

        if (prefix->address.family != AF_INET || prefix->length > 30)
                return 0;
        broadcast = address_to_nl(&last);
        return broadcast ? link_error(rtnl_addr_set_broadcast(address, broadcast)) : -ENOMEM;
}

int link_add_address(LinkSession *session, int index, const Prefix *prefix) {
        AUTO(rtnl_addr_putp) struct rtnl_addr *address = NULL;
        int r = build_address(index, prefix, &address);

        if (r >= 0)
                r = set_broadcast(address, prefix);
        if (r >= 0)
                r = link_error(rtnl_addr_add(session->socket, address, NLM_F_EXCL));
        return r == -EEXIST ? 0 : r;
}

int link_remove_address(LinkSession *session, int index, const Prefix *prefix) {
        AUTO(rtnl_addr_putp) struct rtnl_addr *address = NULL;
        int r = build_address(index, prefix, &address);

        if (r >= 0)
                r = link_error(rtnl_addr_delete(session->socket, address, 0));
        return r == -EADDRNOTAVAIL ? 0 : r;
}

int link_list_addresses(LinkSession *session, int index, Prefix *ret, size_t room, size_t *ret_n) {
        AUTO(nl_cache_freep) struct nl_cache *cache = NULL;
        size_t n = 0;
        int r;

        r = link_error(rtnl_addr_alloc_cache(session->socket, &cache));
        if (r < 0)
                return r;
        for (struct nl_object *o = nl_cache_get_first(cache); o && n < room; o = nl_cache_get_next(o)) {
                struct rtnl_addr *address = (struct rtnl_addr *) o;

                if (rtnl_addr_get_ifindex(address) != index || rtnl_addr_get_scope(address) == RT_SCOPE_LINK)
                        continue;
                if (from_nl(rtnl_addr_get_local(address), &ret[n]) >= 0)
                        n++;
        }
        *ret_n = n;
        return 0;
}

int link_add_route(LinkSession *session, int index, const Prefix *destination, const Address *gateway,
                uint32_t metric) {
        AUTO(rtnl_route_putp) struct rtnl_route *route = rtnl_route_alloc();
        AUTO(nl_addr_putp) struct nl_addr *to = to_nl(destination), *by = NULL;
        struct rtnl_nexthop *hop = rtnl_route_nh_alloc();
        int r;

        if (!route || !to || !hop)
                return -ENOMEM;
        r = link_error(rtnl_route_set_dst(route, to));
        rtnl_route_nh_set_ifindex(hop, index);
        if (gateway) {
                by = address_to_nl(gateway);
                if (!by)
                        return -ENOMEM;
                rtnl_route_nh_set_gateway(hop, by);
        } else
                rtnl_route_set_scope(route, RT_SCOPE_LINK);
        rtnl_route_add_nexthop(route, hop);
        if (metric)
                rtnl_route_set_priority(route, metric);
        if (r >= 0)
                r = link_error(rtnl_route_add(session->socket, route, NLM_F_EXCL));
        return r == -EEXIST ? 0 : r;
}

/* The default route leads everywhere, and so is no reason. */
static bool collides(struct rtnl_route *route, const Prefix *network, int but) {
        struct rtnl_nexthop *hop =
                        rtnl_route_get_nnexthops(route) == 1 ? rtnl_route_nexthop_n(route, 0) : NULL;
        struct nl_addr *to = rtnl_route_get_dst(route);
        Prefix prefix;

        if (!to || from_nl(to, &prefix) < 0 || prefix.length == 0)
                return false;
        if (hop && rtnl_route_nh_get_ifindex(hop) == but)
                return false;
        return prefix_overlaps(&prefix, network);
}

int link_is_routed(LinkSession *session, const Prefix *network, int but, bool *ret) {
        AUTO(nl_cache_freep) struct nl_cache *cache = NULL;
        int r;

        r = link_error(rtnl_route_alloc_cache(session->socket, network->address.family, 0, &cache));
        if (r < 0)
                return r;
        *ret = false;
        for (struct nl_object *o = nl_cache_get_first(cache); o && !*ret; o = nl_cache_get_next(o))
                *ret = collides((struct rtnl_route *) o, network, but);
        return 0;
}
