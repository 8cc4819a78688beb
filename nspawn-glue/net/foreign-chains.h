/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether somebody else filters what comes to the machine, and what passes through it
 *
 * A published port is a rule that sends packets elsewhere before an input chain has seen them. Where the
 * administrator filters in forward chains, those decide. Where he filters in input chains only, packets from
 * outside are not sent elsewhere: they go to the machine itself, and slipway-proxy passes on what his chains
 * let in. That is decided for each family.
 *
 * Chains of programs are not all an administrator's. Those of other container engines say nothing about us,
 * but for the policy that Docker sets, see docker-rules.h. firewalld and ufw have both chains, and the ports
 * that somebody opens with them are those of their input chains.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/fault.h"
#include "nspawn-glue/net/chain-message.h"

enum { FOREIGN_IPV4, FOREIGN_IPV6, _FOREIGN_MAX };
enum { DOCKER_JUMPS_MAX = 8 };

/* Docker's in the table 'filter' of iptables, and what we have there. */
typedef struct DockerChains {
        bool is_there;                    /* a chain DOCKER-USER */
        bool has_isolation;               /* DOCKER-ISOLATION-STAGE-2: drops what goes to its bridges */
        bool has_ours;                    /* a chain SLIPWAY, */
        uint64_t jumps[DOCKER_JUMPS_MAX]; /* and handles of rules in FORWARD that lead to it */
        size_t n_jumps;
} DockerChains;

typedef struct ForeignFamily {
        bool filters_input;   /* somebody filters what comes in */
        bool filters_forward; /* and an administrator what passes through */
        bool opens_ports;     /* with a program whose input chains say which ports are open */
        bool has_ufw;         /* and it is enabled */
        bool forward_drops;   /* the policy of FORWARD in the table 'filter' of iptables */
        DockerChains docker;
} ForeignFamily;

typedef struct ForeignChains {
        ForeignFamily families[_FOREIGN_MAX];
} ForeignChains;

int foreign_chains_read(ForeignChains *ret, Fault *fault);

/* Whether there are tables of iptables-legacy, which are not chains of the above and are not seen. */
bool foreign_chains_are_hidden(void);

/* What that is made of: all chains first, then the rules of those that foreign_chain_is_asked() for, then
 * the end. */
void foreign_chains_take_chain(ForeignChains *chains, const ChainMessage *chain);
bool foreign_chain_is_asked(const ChainMessage *chain);
void foreign_chains_take_rule(ForeignChains *chains, const RuleMessage *rule);
void foreign_chains_conclude(ForeignChains *chains);

static inline bool foreign_chains_guard(const ForeignChains *chains, int family) {
        const ForeignFamily *one = &chains->families[family];

        return one->filters_input && (!one->filters_forward || one->opens_ports);
}

static inline bool foreign_chains_guard_any(const ForeignChains *chains) {
        return foreign_chains_guard(chains, FOREIGN_IPV4) || foreign_chains_guard(chains, FOREIGN_IPV6);
}
