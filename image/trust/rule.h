/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which rule is about an image
 *
 * Keys for a prefix are as good as a scope of that name in the policy, and root.d is as good as its default.
 * The most specific one decides; if scope and prefix are the same, both do.
 */

#include "image/trust/places.h"
#include "image/trust/policy.h"
#include "image/trust/trust.h"

struct TrustPolicy {
        Policy policy;
        PolicyText text;
        KeyFiles keys;
        char digest[65]; /* see image/trust/check.h */
};

typedef struct Rule {
        const Scope *scope; /* of the policy; NULL when a prefix is more specific */
        char *where;        /* file and scope, for messages; NULL without */

        /* Keys that will do, of the prefix and of all that lead to it. */
        const KeyFile **keys;
        size_t n_keys;
        char *directory; /* that asks for them; NULL when keys are not asked for */

        const char *impossible; /* why nothing fulfils it, or NULL */
} Rule;

/* Points into the policy. Return: 0 or -ENOMEM. */
int rule_find(const TrustPolicy *policy, const TrustSubject *subject, Rule *ret);

/* Both, for a verdict. Return: NULL when out of memory. */
char *rule_describe(const Rule *rule);

/* Which signatures could be of use. */
bool rule_wants_openpgp(const Rule *rule);
bool rule_wants_sigstore(const Rule *rule);

void rule_done(Rule *rule);
#define autorule AUTO(rule_done)
