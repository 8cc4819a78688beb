/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the kernel says of a chain of the packet filter, and of a rule in one
 *
 * Makes structs of messages, and knows nothing of whose chains they are. Of a rule it sees how it ends, and
 * not which packets it is for.
 */

#include <linux/netlink.h>
#include <stdbool.h>
#include <stdint.h>

enum { CHAIN_TEXT_MAX = 64 };

typedef struct ChainMessage {
        int family; /* NFPROTO_… */
        char table[CHAIN_TEXT_MAX], name[CHAIN_TEXT_MAX];
        bool filters;  /* a base chain of type filter, */
        uint32_t hook; /* at this hook; */
        bool drops;    /* what no rule decides about is dropped */
        uint32_t use;  /* how many rules are in it, or lead to it */
} ChainMessage;

typedef enum RuleEnd {
        RULE_GOES_ON,
        RULE_ACCEPTS,
        RULE_REFUSES, /* drops, rejects, or asks a program */
        RULE_RETURNS,
        RULE_JUMPS,
        _RULE_END_MAX,
} RuleEnd;

typedef struct RuleMessage {
        int family;
        char table[CHAIN_TEXT_MAX], chain[CHAIN_TEXT_MAX];
        uint64_t handle;
        RuleEnd end;
        char target[CHAIN_TEXT_MAX]; /* of a jump */
} RuleMessage;

/* Return: 0, or -EBADMSG for what is not about a chain, or a rule. */
int chain_message_read(struct nlmsghdr *header, ChainMessage *ret);
int rule_message_read(struct nlmsghdr *header, RuleMessage *ret);
