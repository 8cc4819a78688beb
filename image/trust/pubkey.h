/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Public keys in PEM, as cosign and openssl make them, and signatures by them
 *
 * ECDSA on P-256, P-384 and P-521, RSA from 2048 bits, Ed25519.
 */

#include <stddef.h>

#include "image/digest.h"
#include "lib/cleanup.h"

typedef struct PublicKey PublicKey;

/**
 * public_key_read() - read the one key in a text
 * @what:       where it comes from, for messages
 *
 * Return: 0, -EINVAL with a fault, -ENOMEM.
 */
int public_key_read(const char *pem, size_t size, const char *what, PublicKey **ret, Fault *fault);
void public_key_free(PublicKey *key);
DEFINE_AUTO(PublicKey *, public_key_free)
#define autopublickey AUTO(public_key_freep)

bool public_key_is_pem(const char *data, size_t size);

/* SHA-256 of the DER form, which is what its file is called. */
const char *public_key_fingerprint(const PublicKey *key);
const char *public_key_kind(const PublicKey *key); /* "ECDSA P-256" */
bool public_key_equal(const PublicKey *a, const PublicKey *b);

/* Return: whether @signature, in the form that the kind of key has, is one over these bytes. */
bool public_key_verify(const PublicKey *key, const void *data, size_t size, const void *signature,
                size_t signature_size);

/* The same over what has this SHA-256; never true for Ed25519, which has to see all of it. */
bool public_key_verify_digest(
                const PublicKey *key, const Digest *digest, const void *signature, size_t signature_size);
