/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/net/chain-message.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <netlink/attr.h>
#include <netlink/msg.h>
#include <string.h>

#include "lib/cleanup.h"

static uint32_t number_of(struct nlattr *attribute) {
        return attribute && nla_len(attribute) >= (int) sizeof(uint32_t) ? ntohl(nla_get_u32(attribute)) : 0;
}

static uint64_t long_number_of(struct nlattr *attribute) {
        uint64_t number = 0;

        if (attribute && nla_len(attribute) >= (int) sizeof(number))
                memcpy(&number, nla_data(attribute), sizeof(number));
        return be64toh(number);
}

static void copy_text(struct nlattr *attribute, char ret[static CHAIN_TEXT_MAX]) {
        *ret = '\0';
        if (attribute && nla_len(attribute) > 0)
                (void) nla_strlcpy(ret, attribute, CHAIN_TEXT_MAX);
}

static bool text_is(struct nlattr *attribute, const char *text) {
        char copy[CHAIN_TEXT_MAX];

        copy_text(attribute, copy);
        return strcmp(copy, text) == 0;
}

static int parse(struct nlmsghdr *header, struct nlattr **attributes, int max, int *ret_family) {
        const struct nfgenmsg *family = nlmsg_data(header);

        if (nlmsg_datalen(header) < (int) sizeof(*family) ||
                        nlmsg_parse(header, sizeof(*family), attributes, max, NULL) < 0)
                return -EBADMSG;
        *ret_family = family->nfgen_family;
        return 0;
}

int chain_message_read(struct nlmsghdr *header, ChainMessage *ret) {
        struct nlattr *chain[NFTA_CHAIN_MAX + 1], *hook[NFTA_HOOK_MAX + 1];
        ChainMessage message = {};

        if (parse(header, chain, NFTA_CHAIN_MAX, &message.family) < 0 || !chain[NFTA_CHAIN_TABLE] ||
                        !chain[NFTA_CHAIN_NAME])
                return -EBADMSG;
        copy_text(chain[NFTA_CHAIN_TABLE], message.table);
        copy_text(chain[NFTA_CHAIN_NAME], message.name);
        message.use = number_of(chain[NFTA_CHAIN_USE]);
        message.drops = chain[NFTA_CHAIN_POLICY] && number_of(chain[NFTA_CHAIN_POLICY]) == NF_DROP;
        message.filters = chain[NFTA_CHAIN_HOOK] && text_is(chain[NFTA_CHAIN_TYPE], "filter") &&
                          nla_parse_nested(hook, NFTA_HOOK_MAX, chain[NFTA_CHAIN_HOOK], NULL) >= 0;
        if (message.filters)
                message.hook = number_of(hook[NFTA_HOOK_HOOKNUM]);
        *ret = message;
        return 0;
}

static void take_verdict(struct nlattr *verdict, RuleMessage *message) {
        struct nlattr *part[NFTA_VERDICT_MAX + 1];
        int32_t code;

        if (nla_parse_nested(part, NFTA_VERDICT_MAX, verdict, NULL) < 0 || !part[NFTA_VERDICT_CODE])
                return;
        code = (int32_t) number_of(part[NFTA_VERDICT_CODE]);
        if (code == NFT_JUMP || code == NFT_GOTO) {
                message->end = RULE_JUMPS;
                copy_text(part[NFTA_VERDICT_CHAIN], message->target);
        } else if (code == NFT_RETURN)
                message->end = RULE_RETURNS;
        else if (code == NF_ACCEPT)
                message->end = RULE_ACCEPTS;
        else if (code != NFT_CONTINUE)
                message->end = RULE_REFUSES;
}

static void take_immediate(struct nlattr *data, RuleMessage *message) {
        struct nlattr *part[NFTA_IMMEDIATE_MAX + 1], *value[NFTA_DATA_MAX + 1];

        if (!data || nla_parse_nested(part, NFTA_IMMEDIATE_MAX, data, NULL) < 0 ||
                        !part[NFTA_IMMEDIATE_DATA] ||
                        number_of(part[NFTA_IMMEDIATE_DREG]) != NFT_REG_VERDICT ||
                        nla_parse_nested(value, NFTA_DATA_MAX, part[NFTA_IMMEDIATE_DATA], NULL) < 0 ||
                        !value[NFTA_DATA_VERDICT])
                return;
        take_verdict(value[NFTA_DATA_VERDICT], message);
}

/* Of iptables: those that are not said here change or note something, and go on. */
static void take_target(struct nlattr *data, RuleMessage *message) {
        static const char *const refusing[] = { "REJECT", "DROP", "NFQUEUE", "QUEUE", "TARPIT", "STEAL" };
        struct nlattr *part[NFTA_TARGET_MAX + 1];

        if (!data || nla_parse_nested(part, NFTA_TARGET_MAX, data, NULL) < 0)
                return;
        for (size_t i = 0; i < ELEMENTS(refusing); i++)
                if (text_is(part[NFTA_TARGET_NAME], refusing[i]))
                        message->end = RULE_REFUSES;
}

static void take_refusal(struct nlattr *data, RuleMessage *message) {
        message->end = RULE_REFUSES;
}

/* A verdict that depends on the packet may be any. */
static void take_lookup(struct nlattr *data, RuleMessage *message) {
        struct nlattr *part[NFTA_LOOKUP_MAX + 1];

        if (data && nla_parse_nested(part, NFTA_LOOKUP_MAX, data, NULL) >= 0 && part[NFTA_LOOKUP_DREG] &&
                        number_of(part[NFTA_LOOKUP_DREG]) == NFT_REG_VERDICT)
                message->end = RULE_REFUSES;
}

static void take_expression(struct nlattr *element, RuleMessage *message) {
        static const struct {
                const char *name;
                void (*take)(struct nlattr *data, RuleMessage *message);
        } known[] = {
                { "immediate", take_immediate },
                { "target", take_target },
                { "lookup", take_lookup },
                { "reject", take_refusal },
                { "queue", take_refusal },
        };
        struct nlattr *part[NFTA_EXPR_MAX + 1];

        if (nla_parse_nested(part, NFTA_EXPR_MAX, element, NULL) < 0)
                return;
        for (size_t i = 0; i < ELEMENTS(known); i++)
                if (text_is(part[NFTA_EXPR_NAME], known[i].name))
                        known[i].take(part[NFTA_EXPR_DATA], message);
}

static void take_expressions(struct nlattr *list, RuleMessage *message) {
        struct nlattr *element = nla_data(list);
        int left = nla_len(list);

        for (; nla_ok(element, left); element = nla_next(element, &left))
                take_expression(element, message);
}

int rule_message_read(struct nlmsghdr *header, RuleMessage *ret) {
        struct nlattr *rule[NFTA_RULE_MAX + 1];
        RuleMessage message = {};

        if (parse(header, rule, NFTA_RULE_MAX, &message.family) < 0 || !rule[NFTA_RULE_TABLE] ||
                        !rule[NFTA_RULE_CHAIN])
                return -EBADMSG;
        copy_text(rule[NFTA_RULE_TABLE], message.table);
        copy_text(rule[NFTA_RULE_CHAIN], message.chain);
        message.handle = long_number_of(rule[NFTA_RULE_HANDLE]);
        if (rule[NFTA_RULE_EXPRESSIONS])
                take_expressions(rule[NFTA_RULE_EXPRESSIONS], &message);
        *ret = message;
        return 0;
}
