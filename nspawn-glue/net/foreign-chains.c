/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/foreign-chains.h"

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

/* Of those who publish ports as we do. */
static const char *const not_asked[] = { "slipway", "netavark", "docker-bridges" };

static bool is_asked(const char *table) {
        for (size_t i = 0; i < ELEMENTS(not_asked); i++)
                if (strcmp(table, not_asked[i]) == 0)
                        return false;
        return true;
}

static uint32_t number_of(struct nlattr *attribute) {
        return attribute ? ntohl(nla_get_u32(attribute)) : 0;
}

static void note(ForeignChains *chains, int family, uint32_t hook) {
        bool four = family == NFPROTO_INET || family == NFPROTO_IPV4;
        bool six = family == NFPROTO_INET || family == NFPROTO_IPV6;

        if (hook == NF_INET_LOCAL_IN) {
                chains->input4 |= four;
                chains->input6 |= six;
        } else if (hook == NF_INET_FORWARD) {
                chains->forward4 |= four;
                chains->forward6 |= six;
        }
}

static int take_chain(struct nl_msg *message, void *data) {
        struct nlattr *chain[NFTA_CHAIN_MAX + 1], *hook[NFTA_HOOK_MAX + 1];
        struct nlmsghdr *header = nlmsg_hdr(message);
        const struct nfgenmsg *family = nlmsg_data(header);

        if (nlmsg_parse(header, sizeof(*family), chain, NFTA_CHAIN_MAX, NULL) < 0 ||
                        !chain[NFTA_CHAIN_HOOK] || !chain[NFTA_CHAIN_TABLE] || !chain[NFTA_CHAIN_TYPE] ||
                        nla_parse_nested(hook, NFTA_HOOK_MAX, chain[NFTA_CHAIN_HOOK], NULL) < 0)
                return NL_OK;
        if (strcmp(nla_get_string(chain[NFTA_CHAIN_TYPE]), "filter") != 0 ||
                        !is_asked(nla_get_string(chain[NFTA_CHAIN_TABLE])))
                return NL_OK;
        if (number_of(chain[NFTA_CHAIN_USE]) > 0 ||
                        (chain[NFTA_CHAIN_POLICY] && number_of(chain[NFTA_CHAIN_POLICY]) == NF_DROP))
                note(data, family->nfgen_family, number_of(hook[NFTA_HOOK_HOOKNUM]));
        return NL_OK;
}

static int ask(struct nl_sock *socket) {
        struct nfgenmsg family = { .nfgen_family = NFPROTO_UNSPEC, .version = NFNETLINK_V0 };

        return link_error(nl_send_simple(socket, (NFNL_SUBSYS_NFTABLES << 8) | NFT_MSG_GETCHAIN, NLM_F_DUMP,
                        &family, sizeof(family)));
}

int foreign_chains_read(ForeignChains *ret, Fault *fault) {
        struct nl_sock *socket = nl_socket_alloc();
        ForeignChains chains = {};
        int r;

        if (!socket)
                return -ENOMEM;
        r = link_error(nl_connect(socket, NETLINK_NETFILTER));
        if (r >= 0)
                r = link_error(nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take_chain, &chains));
        if (r >= 0)
                r = ask(socket);
        if (r >= 0)
                r = link_error(nl_recvmsgs_default(socket));
        nl_socket_free(socket);
        if (r < 0)
                return fault_wrap(fault, r, "cannot ask the packet filter for its chains");
        *ret = chains;
        return 0;
}
