/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether a signature is about this image
 *
 * A signature says which image it was made for, and a policy says how that has to agree with the name that
 * the image is asked for by ("signedIdentity"). The rules are those of containers-policy.json(5).
 */

#include <stdbool.h>

#include "lib/cleanup.h"

typedef enum IdentityKind {
        IDENTITY_REPO_DIGEST_OR_EXACT, /* the default */
        IDENTITY_EXACT,
        IDENTITY_REPOSITORY,
        IDENTITY_EXACT_REFERENCE,
        IDENTITY_EXACT_REPOSITORY,
        IDENTITY_REMAP,
        IDENTITY_ATTACHED, /* of keys by prefix: exact if a tag was signed, else the repository */
        _IDENTITY_KIND_MAX,
} IdentityKind;

typedef struct Identity {
        IdentityKind kind;
        char *reference; /* of the two that are exact */
        char *prefix;    /* of IDENTITY_REMAP */
        char *signed_prefix;
} Identity;

/**
 * identity_matches() - compare what was signed with what is wanted
 * @name:       normalised, of the image; NULL matches nothing but exact references
 * @signed_name: "docker-reference" of the signature, as it was written there
 */
bool identity_matches(const Identity *identity, const char *name, const char *signed_name);

/* What a policy may say: a reference with a tag or digest, a repository without, a prefix to be replaced. */
bool identity_reference_is_valid(const char *text);
bool identity_repository_is_valid(const char *text);
bool identity_prefix_is_valid(const char *text);

void identity_done(Identity *identity);
