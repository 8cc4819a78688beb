/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * WWW-Authenticate: what a registry wants to see
 *
 * One header may have several challenges, and a reply several headers. Read
 * as RFC 9110 has it, strictly: what two readers could read in two ways is
 * refused as a whole, for it decides to whom credentials are shown.
 */

#include "lib/cleanup.h"
#include "lib/fault.h"

typedef enum ChallengeScheme {
        CHALLENGE_OTHER, /* Negotiate, Digest …: not ours */
        CHALLENGE_BASIC,
        CHALLENGE_BEARER,
} ChallengeScheme;

typedef struct Challenge {
        ChallengeScheme scheme;
        char *realm, *service, *scope, *error; /* NULL where it does not say */
} Challenge;

typedef struct Challenges {
        Challenge *items;
        size_t n;
} Challenges;

#define CHALLENGES_LIMIT 16

/**
 * challenges_parse() - read the value of a header
 * @text:       what follows "WWW-Authenticate:"
 * @challenges: list that its challenges are appended to; untouched on failure
 *
 * Return: 0, -EINVAL with a fault, -ENOMEM.
 */
int challenges_parse(const char *text, Challenges *challenges, Fault *fault);

/* The one to answer: Bearer, else Basic. Return: NULL when there is none that can be. */
const Challenge *challenges_choose(const Challenges *challenges);

void challenges_done(Challenges *challenges);
#define autochallenges AUTO(challenges_done)
