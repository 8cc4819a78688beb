/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether somebody else filters what comes to the machine, and what passes through it
 *
 * A published port is a rule that sends packets elsewhere before an input chain has seen them. Where the
 * administrator filters in forward chains, those decide. Where he filters in input chains only, packets from
 * outside are not sent elsewhere: they go to the machine itself, and slipway-proxy passes on what his chains
 * let in. That is decided for each family.
 */

#include <stdbool.h>

#include "lib/fault.h"

typedef struct ForeignChains {
        bool input4, input6;     /* somebody filters what comes in */
        bool forward4, forward6; /* and what passes through */
} ForeignChains;

/* Base chains of other tables with a rule or a policy of "drop"; those of other container engines say
 * nothing about ours. */
int foreign_chains_read(ForeignChains *ret, Fault *fault);

static inline bool foreign_chains_guard4(const ForeignChains *chains) {
        return chains->input4 && !chains->forward4;
}

static inline bool foreign_chains_guard6(const ForeignChains *chains) {
        return chains->input6 && !chains->forward6;
}
