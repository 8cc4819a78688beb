/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * containers-policy.json(5)
 *
 * Read as strictly as containers/image does: what is not known or there twice is refused, as somebody has
 * meant something by it. A requirement that is known and cannot be honoured is one that nothing fulfils.
 */

#include <stddef.h>

#include "image/trust/identity.h"
#include "lib/fault.h"

typedef enum RequirementKind {
        REQUIRE_NOTHING,    /* insecureAcceptAnything */
        REQUIRE_REJECT,     /* reject */
        REQUIRE_OPENPGP,    /* signedBy */
        REQUIRE_SIGSTORE,   /* sigstoreSigned */
        REQUIRE_IMPOSSIBLE, /* never fulfilled: see why */
        _REQUIREMENT_KIND_MAX,
} RequirementKind;

/* Keys in a file, or in the policy itself. */
typedef struct KeySource {
        char *path; /* NULL when they are here */
        char *data;
        size_t size;
} KeySource;

typedef struct KeySources {
        KeySource *items;
        size_t n;
} KeySources;

typedef struct Requirement {
        RequirementKind kind;
        const char *why; /* of REQUIRE_IMPOSSIBLE */
        KeySources keys;
        KeySources rekor; /* of transparency logs, one of which must have recorded it; none: not asked for */
        Identity identity;
} Requirement;

typedef struct Scope {
        char *name;
        Requirement *items; /* all of them must be fulfilled */
        size_t n;
} Scope;

typedef struct TransportPolicy {
        char *name;
        Scope *scopes;
        size_t n;
} TransportPolicy;

typedef struct Policy {
        Scope fallback; /* "default" */
        TransportPolicy *items;
        size_t n;
} Policy;

/* Return: 0, -EINVAL or -EFBIG with a fault that names the key, -ENOMEM. */
int policy_parse(const char *text, size_t size, Policy *ret, Fault *fault);

/* Return: NULL if it says nothing about this transport. */
const TransportPolicy *policy_transport(const Policy *policy, const char *name);

/* Return: NULL when there is none. */
const Scope *transport_scope(const TransportPolicy *transport, const char *name);

void policy_done(Policy *policy);
#define autopolicy AUTO(policy_done)

/**
 * scope_candidates() - the scopes that a name is in, most specific first
 * @name:       normalised
 *
 * "docker.io/acme/app:1", "docker.io/acme/app", "docker.io/acme", "docker.io", "*.io".
 *
 * Return: 0 or -ENOMEM.
 */
int scope_candidates(const char *name, char ***ret);
