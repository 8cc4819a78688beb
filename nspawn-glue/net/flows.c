/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/flows.h"

#include <arpa/inet.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "lib/cleanup.h"

DEFINE_AUTO(struct nl_msg *, nlmsg_free)

enum { FLOWS_MAX = 4096 };

/* What a flow is told apart by, as the kernel has written it. */
typedef struct Flow {
        int family;
        struct nlattr *tuple; /* a copy */
} Flow;

typedef struct Search {
        const Member *member;
        Flow *flows;
        size_t n;
} Search;

static bool is_published(const Member *member, uint16_t port) {
        for (size_t i = 0; i < member->n_ports; i++)
                if (strcmp(member->ports[i].protocol, "udp") == 0 && port >= member->ports[i].host &&
                                port < member->ports[i].host + member->ports[i].count)
                        return true;
        return false;
}

static bool is_wanted(const Member *member, struct nlattr *tuple) {
        struct nlattr *parts[CTA_TUPLE_MAX + 1], *proto[CTA_PROTO_MAX + 1];

        if (nla_parse_nested(parts, CTA_TUPLE_MAX, tuple, NULL) < 0 || !parts[CTA_TUPLE_PROTO] ||
                        nla_parse_nested(proto, CTA_PROTO_MAX, parts[CTA_TUPLE_PROTO], NULL) < 0)
                return false;
        return proto[CTA_PROTO_NUM] && nla_get_u8(proto[CTA_PROTO_NUM]) == IPPROTO_UDP &&
               proto[CTA_PROTO_DST_PORT] &&
               is_published(member, ntohs(nla_get_u16(proto[CTA_PROTO_DST_PORT])));
}

static int take_flow(struct nl_msg *message, void *data) {
        struct nlmsghdr *header = nlmsg_hdr(message);
        const struct nfgenmsg *family = nlmsg_data(header);
        struct nlattr *flow[CTA_MAX + 1];
        Search *search = data;
        Flow *grown;
        void *copy;

        if (search->n == FLOWS_MAX || nlmsg_parse(header, sizeof(*family), flow, CTA_MAX, NULL) < 0 ||
                        !flow[CTA_TUPLE_ORIG] || !is_wanted(search->member, flow[CTA_TUPLE_ORIG]))
                return NL_OK;
        grown = reallocarray(search->flows, search->n + 1, sizeof(Flow));
        if (!grown)
                return NL_OK;
        search->flows = grown;
        copy = malloc((size_t) nla_total_size(nla_len(flow[CTA_TUPLE_ORIG])));
        if (!copy)
                return NL_OK;
        memcpy(copy, flow[CTA_TUPLE_ORIG], flow[CTA_TUPLE_ORIG]->nla_len);
        grown[search->n++] = (Flow){ family->nfgen_family, copy };
        return NL_OK;
}

static void ask(struct nl_sock *socket, int family) {
        struct nfgenmsg header = { .nfgen_family = (uint8_t) family, .version = NFNETLINK_V0 };

        if (nl_send_simple(socket, (NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_GET, NLM_F_DUMP, &header,
                            sizeof(header)) >= 0)
                (void) nl_recvmsgs_default(socket);
}

static void forget(struct nl_sock *socket, const Flow *flow) {
        struct nfgenmsg header = { .nfgen_family = (uint8_t) flow->family, .version = NFNETLINK_V0 };
        AUTO(nlmsg_freep)
        struct nl_msg *message = nlmsg_alloc_simple((NFNL_SUBSYS_CTNETLINK << 8) | IPCTNL_MSG_CT_DELETE, 0);

        if (message && nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO) >= 0 &&
                        nla_put(message, CTA_TUPLE_ORIG | NLA_F_NESTED, nla_len(flow->tuple),
                                        nla_data(flow->tuple)) >= 0)
                (void) nl_send_sync(socket, TAKE(message));
}

static bool has_datagrams(const Member *member) {
        for (size_t i = 0; i < member->n_ports; i++)
                if (strcmp(member->ports[i].protocol, "udp") == 0)
                        return true;
        return false;
}

void flows_forget(const Member *member) {
        Search search = { .member = member };
        struct nl_sock *socket;

        if (!has_datagrams(member))
                return;
        socket = nl_socket_alloc();
        if (socket && nl_connect(socket, NETLINK_NETFILTER) >= 0 &&
                        nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take_flow, &search) >= 0) {
                ask(socket, AF_INET);
                ask(socket, AF_INET6);
        }
        for (size_t i = 0; i < search.n; i++) {
                forget(socket, &search.flows[i]);
                free(search.flows[i].tuple);
        }
        free(search.flows);
        if (socket)
                nl_socket_free(socket);
}
