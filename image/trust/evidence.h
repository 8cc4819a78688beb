/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Signatures by public keys in the formats of sigstore
 *
 * Each of the functions is told what is wanted, and says of one signature whether it is that.
 */

#include "image/trust/identity.h"
#include "image/trust/pubkey.h"
#include "image/trust/trust.h"

typedef struct PublicKeys {
        PublicKey **items;
        size_t n;
} PublicKeys;

typedef struct Wanted {
        const TrustSubject *subject;
        const Identity *identity;
        PublicKeys keys;  /* any one of them */
        PublicKeys rekor; /* of logs; none: it need not be in any */
} Wanted;

/* Takes @key, also on failure. */
int public_keys_add(PublicKeys *keys, PublicKey *key);
void public_keys_done(PublicKeys *keys);

/* Whether what was signed is the image. Return: 0, -EKEYREJECTED with a fault. */
int wanted_check_digest(const TrustSubject *subject, const Digest *digest, Fault *fault);
int wanted_check_name(const TrustSubject *subject, const Identity *identity, const char *signed_name,
                Fault *fault);

/* Return: 0, -EKEYREJECTED with a fault that says what is wrong with it, -errno. */
int cosign_verify(const Wanted *wanted, const Signature *signature, const PublicKey **ret_key,
                Digest *ret_digest, Fault *fault);
int bundle_verify(const Wanted *wanted, const Signature *signature, const PublicKey **ret_key,
                Digest *ret_digest, Fault *fault);

/**
 * rekor_verify() - whether a transparency log has recorded a signature
 * @bundle:     what cosign keeps beside it: {"SignedEntryTimestamp", "Payload"}
 * @key:        by which the signature is
 * @signature:  base64
 */
int rekor_verify(const PublicKeys *logs, const char *bundle, const PublicKey *key, const char *signature,
                const void *payload, size_t size, Fault *fault);

/* A bundle that was read; nothing of it is verified. */
typedef struct Bundle {
        char *signature; /* bytes */
        size_t signature_size;
        char *payload; /* of an envelope; NULL when a digest was signed */
        size_t payload_size;
        char *payload_type;
        Digest digest;
} Bundle;

#define BUNDLE_LIMIT (256u << 10)

bool bundle_is_media_type(const char *media_type);
int bundle_parse(const char *text, size_t size, Bundle *ret, Fault *fault);
void bundle_done(Bundle *bundle);

/* The digests that a statement of in-toto is about, with names where it has some. */
typedef struct StatementSubject {
        Digest digest;
        char *name; /* NULL for none */
} StatementSubject;

typedef struct Statement {
        StatementSubject *items;
        size_t n;
} Statement;

int statement_parse(const char *text, size_t size, Statement *ret, Fault *fault);
void statement_done(Statement *statement);
