/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/foreign-chains.h"

#include <arpa/inet.h> /* before those of the kernel */
#include <errno.h>
#include <fcntl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>
#include <string.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/net/link-session.h"

/* Tables of those who publish ports as we do. */
static const char *const not_asked[] = { "slipway", "netavark", "docker-bridges", NULL };

/* Where iptables has its chains, which programs share with each other and with the administrator. */
static const char *const shared[] = { "filter", "mangle", "raw", "security", NULL };

/* What the chains begin with that programs lead to from there, and which are about their own bridges only.
 */
static const char *const engines[] = { "DOCKER", "NETAVARK", "CNI-", "KUBE-", "LIBVIRT_", "SLIPWAY", NULL };

static bool is_one_of(const char *text, const char *const *words) {
        for (; *words; words++)
                if (strcmp(text, *words) == 0)
                        return true;
        return false;
}

static bool begins_with_one_of(const char *text, const char *const *words) {
        for (; *words; words++)
                if (strncmp(text, *words, strlen(*words)) == 0)
                        return true;
        return false;
}

static bool is_of(int protocol, int family) {
        return protocol == NFPROTO_INET ||
               protocol == (family == FOREIGN_IPV4 ? NFPROTO_IPV4 : NFPROTO_IPV6);
}

static bool is_shared(int protocol, const char *table, const char *chain) {
        return (protocol == NFPROTO_IPV4 || protocol == NFPROTO_IPV6) && is_one_of(table, shared) &&
               (strcmp(chain, "INPUT") == 0 || strcmp(chain, "FORWARD") == 0);
}

/* "ufw-" and "ufw6-": of IPv4 and IPv6. */
static bool is_ufws(const char *chain) {
        return strncmp(chain, "ufw-", 4) == 0 || strncmp(chain, "ufw6-", 5) == 0;
}

/* What ufw leaves behind when it is disabled is empty, and led to by one rule. */
static void take_ufws(ForeignFamily *one, const ChainMessage *chain) {
        one->has_ufw |= is_ufws(chain->name) && chain->use > 1;
}

static void take_dockers(DockerChains *docker, const ChainMessage *chain) {
        const struct {
                const char *name;
                bool *there;
        } names[] = {
                { "DOCKER-USER", &docker->is_there },
                { "DOCKER-ISOLATION-STAGE-2", &docker->has_isolation },
                { "SLIPWAY", &docker->has_ours },
        };

        for (size_t i = 0; i < ELEMENTS(names); i++)
                if (strcmp(chain->name, names[i].name) == 0)
                        *names[i].there = true;
}

static void take_shared(ForeignFamily *one, const ChainMessage *chain) {
        if (!chain->drops)
                return;
        if (chain->hook == NF_INET_LOCAL_IN)
                one->filters_input = true;
        else if (strcmp(chain->table, "filter") == 0)
                one->forward_drops = true;
        else
                one->filters_forward = true;
}

static void take_base(ForeignFamily *one, const ChainMessage *chain) {
        bool is_firewalld = strncmp(chain->table, "firewalld", strlen("firewalld")) == 0;

        if (is_shared(chain->family, chain->table, chain->name))
                take_shared(one, chain);
        else if (chain->use == 0 && !chain->drops)
                return;
        else if (chain->hook == NF_INET_LOCAL_IN) {
                one->filters_input = true;
                one->opens_ports |= is_firewalld;
        } else if (!is_firewalld)
                one->filters_forward = true;
}

static bool is_base(const ChainMessage *chain) {
        return chain->filters && (chain->hook == NF_INET_LOCAL_IN || chain->hook == NF_INET_FORWARD) &&
               !is_one_of(chain->table, not_asked);
}

void foreign_chains_take_chain(ForeignChains *chains, const ChainMessage *chain) {
        for (int family = 0; family < _FOREIGN_MAX; family++) {
                ForeignFamily *one = &chains->families[family];

                if (!is_of(chain->family, family))
                        continue;
                if (is_base(chain))
                        take_base(one, chain);
                else if (chain->family != NFPROTO_INET && strcmp(chain->table, "filter") == 0) {
                        take_dockers(&one->docker, chain);
                        take_ufws(one, chain);
                }
        }
}

bool foreign_chain_is_asked(const ChainMessage *chain) {
        return chain->use > 0 && is_base(chain) && is_shared(chain->family, chain->table, chain->name);
}

static void take_jump(DockerChains *docker, const RuleMessage *rule) {
        if (rule->end == RULE_JUMPS && strcmp(rule->target, "SLIPWAY") == 0 &&
                        strcmp(rule->table, "filter") == 0 && docker->n_jumps < DOCKER_JUMPS_MAX)
                docker->jumps[docker->n_jumps++] = rule->handle;
}

static bool decides(const ForeignFamily *one, const RuleMessage *rule) {
        if (rule->end != RULE_JUMPS)
                return rule->end == RULE_REFUSES;
        return is_ufws(rule->target) ? one->has_ufw : !begins_with_one_of(rule->target, engines);
}

static void take_shared_rule(ForeignFamily *one, const RuleMessage *rule) {
        if (!decides(one, rule))
                return;
        if (strcmp(rule->chain, "INPUT") == 0) {
                one->filters_input = true;
                one->opens_ports |= one->has_ufw;
        } else
                one->filters_forward = true;
}

void foreign_chains_take_rule(ForeignChains *chains, const RuleMessage *rule) {
        for (int family = 0; family < _FOREIGN_MAX; family++) {
                ForeignFamily *one = &chains->families[family];

                if (!is_of(rule->family, family) || !is_shared(rule->family, rule->table, rule->chain))
                        continue;
                take_shared_rule(one, rule);
                if (strcmp(rule->chain, "FORWARD") == 0)
                        take_jump(&one->docker, rule);
        }
}

void foreign_chains_conclude(ForeignChains *chains) {
        for (int family = 0; family < _FOREIGN_MAX; family++) {
                ForeignFamily *one = &chains->families[family];

                one->filters_forward |= one->forward_drops && !one->docker.is_there;
        }
}

/* --- the kernel --- */

enum { ASKED_MAX = 16 };

typedef struct Asking {
        ForeignChains chains;
        ChainMessage asked[ASKED_MAX]; /* for their rules */
        size_t n_asked;
} Asking;

static int take_chain(struct nl_msg *message, void *data) {
        Asking *asking = data;
        ChainMessage chain;

        if (chain_message_read(nlmsg_hdr(message), &chain) < 0)
                return NL_OK;
        foreign_chains_take_chain(&asking->chains, &chain);
        if (foreign_chain_is_asked(&chain) && asking->n_asked < ASKED_MAX)
                asking->asked[asking->n_asked++] = chain;
        return NL_OK;
}

static int take_rule(struct nl_msg *message, void *data) {
        Asking *asking = data;
        RuleMessage rule;

        if (rule_message_read(nlmsg_hdr(message), &rule) >= 0)
                foreign_chains_take_rule(&asking->chains, &rule);
        return NL_OK;
}

static int put_chain(struct nl_msg *message, const ChainMessage *chain) {
        return nla_put_string(message, NFTA_RULE_TABLE, chain->table) < 0 ||
                                               nla_put_string(message, NFTA_RULE_CHAIN, chain->name) < 0
                               ? -ENOMEM
                               : 0;
}

/* @chain: whose rules are asked for; NULL for all chains */
static int ask(struct nl_sock *socket, const ChainMessage *chain, nl_recvmsg_msg_cb_t take, Asking *asking) {
        struct nfgenmsg header = {
                .nfgen_family = chain ? (uint8_t) chain->family : NFPROTO_UNSPEC,
                .version = NFNETLINK_V0,
        };
        int type = (NFNL_SUBSYS_NFTABLES << 8) | (chain ? NFT_MSG_GETRULE : NFT_MSG_GETCHAIN);
        struct nl_msg *message = nlmsg_alloc_simple(type, NLM_F_REQUEST | NLM_F_DUMP);
        int r;

        if (!message)
                return -ENOMEM;
        r = nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO) < 0 ? -ENOMEM : 0;
        if (r >= 0 && chain)
                r = put_chain(message, chain);
        if (r >= 0)
                r = link_error(nl_socket_modify_cb(socket, NL_CB_VALID, NL_CB_CUSTOM, take, asking));
        if (r >= 0)
                r = link_error(nl_send_auto(socket, message));
        if (r >= 0)
                r = link_error(nl_recvmsgs_default(socket));
        nlmsg_free(message);
        return r;
}

static int ask_all(struct nl_sock *socket, Asking *asking) {
        int r;

        r = link_error(nl_connect(socket, NETLINK_NETFILTER));
        if (r >= 0)
                r = ask(socket, NULL, take_chain, asking);
        /* One that has gone meanwhile has no rules. */
        for (size_t i = 0; i < asking->n_asked && r >= 0; i++) {
                r = ask(socket, &asking->asked[i], take_rule, asking);
                if (r == -ENOENT)
                        r = 0;
        }
        return r;
}

int foreign_chains_read(ForeignChains *ret, Fault *fault) {
        struct nl_sock *socket = nl_socket_alloc();
        Asking asking = {};
        int r;

        if (!socket)
                return -ENOMEM;
        r = ask_all(socket, &asking);
        nl_socket_free(socket);
        if (r < 0)
                return fault_wrap(fault, r, "cannot ask the packet filter for its chains");
        foreign_chains_conclude(&asking.chains);
        *ret = asking.chains;
        return 0;
}

bool foreign_chains_are_hidden(void) {
        static const char *const lists[] = { "/proc/net/ip_tables_names", "/proc/net/ip6_tables_names" };
        bool is_there = false;

        for (size_t i = 0; i < ELEMENTS(lists); i++) {
                autofree char *text = NULL;

                if (io_read_file(AT_FDCWD, lists[i], 4096, &text, NULL) >= 0)
                        is_there |= strstr(text, "filter\n") != NULL;
        }
        return is_there;
}
