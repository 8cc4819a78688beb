/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether what a name led to may become an image of the store
 *
 * For each name of its own, since the policy's rules are about names. What
 * has been decided, and on what grounds, is kept with the name's origin.
 */

#include "image/fetch.h"
#include "image/trust/trust.h"

typedef struct Decision {
        SignatureList signatures;
        TrustVerdict verdict;
} Decision;

typedef struct Decisions {
        Decision *items; /* one for each name */
        size_t n;
} Decisions;

/* @manifest: what was chosen if @top is an index. Return: 0, -EKEYREJECTED or -errno with a fault: whatever
 * cannot be decided is refused. */
int decide(char *const *names, const Digest *top, const Digest *manifest, Fetch *fetch, Decisions *ret,
                Fault *fault);

void decisions_done(Decisions *decisions);
