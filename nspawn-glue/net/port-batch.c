/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/port-batch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "lib/cleanup.h"
#include "nspawn-glue/net/link-session.h"

DEFINE_AUTO(struct nl_sock *, nl_socket_free)

enum {
        PORTS_MAX = 512, /* in one map: an attribute has at most 64 KiB */
        ELEMENT_SIZE = 96,
        MESSAGE_SIZE = PORTS_MAX * ELEMENT_SIZE + 256,
        FIELD = 4, /* what is shorter is filled up with zeros */
};

/* As in slipway.nft. */
static const struct {
        const char *name;
        int family;
        bool is_at;
} maps[] = {
        { "publish4", AF_INET, false },
        { "publish6", AF_INET6, false },
        { "publish4-at", AF_INET, true },
        { "publish6-at", AF_INET6, true },
};

enum { MESSAGES_MAX = 2 + ELEMENTS(maps) };

typedef struct Batch {
        const Member *member;
        bool adds;
        struct nl_msg *messages[MESSAGES_MAX];
        size_t n;
} Batch;

static void batch_done(Batch *batch) {
        while (batch->n > 0)
                nlmsg_free(batch->messages[--batch->n]);
}

static int batch_open(Batch *batch, int type, int flags, int family, uint16_t resource, size_t size) {
        struct nfgenmsg header = {
                .nfgen_family = (uint8_t) family,
                .version = NFNETLINK_V0,
                .res_id = htons(resource),
        };
        struct nl_msg *message = nlmsg_alloc_size(size);

        if (!message)
                return -ENOMEM;
        batch->messages[batch->n++] = message;
        return nlmsg_put(message, NL_AUTO_PORT, NL_AUTO_SEQ, type, 0, NLM_F_REQUEST | flags) &&
                                               nlmsg_append(message, &header, sizeof(header),
                                                               NLMSG_ALIGNTO) >= 0
                               ? 0
                               : -ENOMEM;
}

typedef struct Value {
        uint8_t bytes[16 + 2 * FIELD];
        size_t n;
} Value;

static void value_add(Value *value, const void *bytes, size_t n) {
        memcpy(value->bytes + value->n, bytes, n);
        value->n += (n + FIELD - 1) / FIELD * FIELD;
}

static void value_add_port(Value *value, unsigned port) {
        uint16_t number = htons((uint16_t) port);

        value_add(value, &number, sizeof(number));
}

static uint8_t protocol_number(const char *name) {
        return strcmp(name, "udp") == 0    ? IPPROTO_UDP
               : strcmp(name, "sctp") == 0 ? IPPROTO_SCTP
                                           : IPPROTO_TCP;
}

static int put_value(struct nl_msg *message, int type, const Value *value) {
        struct nlattr *nest = nla_nest_start(message, type | NLA_F_NESTED);

        return nest && nla_put(message, NFTA_DATA_VALUE, (int) value->n, value->bytes) >= 0 &&
                                               nla_nest_end(message, nest) >= 0
                               ? 0
                               : -ENOMEM;
}

static int put_element(struct nl_msg *message, bool adds, const Value *key, const Value *target) {
        struct nlattr *nest = nla_nest_start(message, NFTA_LIST_ELEM | NLA_F_NESTED);
        int r = nest ? put_value(message, NFTA_SET_ELEM_KEY, key) : -ENOMEM;

        if (r >= 0 && adds)
                r = put_value(message, NFTA_SET_ELEM_DATA, target);
        return r >= 0 && nla_nest_end(message, nest) >= 0 ? 0 : -ENOMEM;
}

static int put_port(struct nl_msg *message, bool adds, const MemberPort *port, unsigned i, bool is_at,
                const Address *to) {
        uint8_t protocol = protocol_number(port->protocol);
        Value key = {}, target = {};

        if (is_at)
                value_add(&key, port->address.bytes, address_size(&port->address));
        value_add(&key, &protocol, sizeof(protocol));
        value_add_port(&key, port->host + i);
        value_add(&target, to->bytes, address_size(to));
        value_add_port(&target, port->container + i);
        return put_element(message, adds, &key, &target);
}

static bool belongs(const MemberPort *port, size_t map) {
        bool is_at = address_is_set(&port->address) && !address_is_any(&port->address);

        return is_at == maps[map].is_at &&
               (!address_is_set(&port->address) || port->address.family == maps[map].family);
}

static size_t count_ports(const Member *member, size_t map) {
        size_t n = 0;

        for (size_t i = 0; i < member->n_ports; i++)
                n += belongs(&member->ports[i], map) ? member->ports[i].count : 0;
        return n;
}

static int put_ports(Batch *batch, struct nl_msg *message, size_t map, const Address *to) {
        int r = 0;

        for (size_t k = 0; k < batch->member->n_ports; k++) {
                const MemberPort *port = &batch->member->ports[k];

                for (unsigned i = 0; belongs(port, map) && i < port->count && r >= 0; i++)
                        r = put_port(message, batch->adds, port, i, maps[map].is_at, to);
        }
        return r;
}

static int add_map(Batch *batch, size_t map) {
        const Address *to = member_address(batch->member, maps[map].family);
        size_t n = to ? count_ports(batch->member, map) : 0;
        int type = (NFNL_SUBSYS_NFTABLES << 8) | (batch->adds ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM);
        struct nl_msg *message;
        struct nlattr *nest;
        int r;

        if (n == 0)
                return 0;
        if (n > PORTS_MAX)
                return -E2BIG;
        r = batch_open(batch, type, batch->adds ? NLM_F_CREATE : 0, NFPROTO_INET, 0, MESSAGE_SIZE);
        if (r < 0)
                return r;
        message = batch->messages[batch->n - 1];
        if (nla_put_string(message, NFTA_SET_ELEM_LIST_TABLE, "slipway") < 0 ||
                        nla_put_string(message, NFTA_SET_ELEM_LIST_SET, maps[map].name) < 0)
                return -ENOMEM;
        nest = nla_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED);
        r = nest ? put_ports(batch, message, map, to) : -ENOMEM;
        return r >= 0 && nla_nest_end(message, nest) >= 0 ? 0 : -ENOMEM;
}

/* What is wrong with any is told before what has become of the last. */
static int send_all(Batch *batch) {
        AUTO(nl_socket_freep) struct nl_sock *socket = nl_socket_alloc();
        struct iovec pieces[MESSAGES_MAX];
        int r;

        if (!socket)
                return -ENOMEM;
        nl_socket_disable_seq_check(socket);
        r = link_error(nl_connect(socket, NETLINK_NETFILTER));
        if (r < 0)
                return r;
        nlmsg_hdr(batch->messages[batch->n - 2])->nlmsg_flags |= NLM_F_ACK;
        for (size_t i = 0; i < batch->n; i++) {
                struct nlmsghdr *header = nlmsg_hdr(batch->messages[i]);

                header->nlmsg_pid = nl_socket_get_local_port(socket);
                header->nlmsg_seq = (uint32_t) i;
                pieces[i] = (struct iovec){ header, NLMSG_ALIGN(header->nlmsg_len) };
        }
        r = link_error(nl_send_iovec(socket, batch->messages[0], pieces, (unsigned) batch->n));
        return r < 0 ? r : link_error(nl_wait_for_ack(socket));
}

static int send_ports(const Member *member, bool adds) {
        AUTO(batch_done) Batch batch = { .member = member, .adds = adds };
        int r = batch_open(&batch, NFNL_MSG_BATCH_BEGIN, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES, 64);

        for (size_t map = 0; map < ELEMENTS(maps) && r >= 0; map++)
                r = add_map(&batch, map);
        if (r < 0 || batch.n == 1)
                return r;
        r = batch_open(&batch, NFNL_MSG_BATCH_END, 0, AF_UNSPEC, NFNL_SUBSYS_NFTABLES, 64);
        return r < 0 ? r : send_all(&batch);
}

int port_batch_add(const Member *member) {
        return send_ports(member, true);
}

int port_batch_delete(const Member *member) {
        return send_ports(member, false);
}
