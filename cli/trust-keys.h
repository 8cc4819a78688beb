/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Keys of images: reading those that are to be trusted, and the directories that they go to. */

#include <stdbool.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

/* One key, as a file of its own. */
typedef struct TrustKey {
        char fingerprint[65];
        char *text; /* what goes into the file */
        size_t size;
        char *kind;   /* "OpenPGP", "ECDSA P-256" */
        char *user;   /* NULL when it names none */
        long expires; /* seconds since 1970, 0 for never */
        bool is_revoked;
} TrustKey;

typedef struct TrustKeys {
        TrustKey *items;
        size_t n;
} TrustKeys;

/* Reads all keys in a file, or in standard input for "-". Return: 0 or -errno with a fault. */
int trust_keys_read(const char *path, TrustKeys *into, Fault *fault);

/* The same from memory; @what is for messages. */
int trust_keys_parse(const char *text, size_t size, const char *what, TrustKeys *into, Fault *fault);

/* Asks on the terminal whether these are meant. Return: 0, -ECANCELED with a fault. */
int trust_keys_review(const TrustKeys *keys, const char *prefix, Fault *fault);

/* Writes a key into its directory. @prefix: empty for root.d. */
int trust_key_install(const TrustKey *key, const char *prefix, Fault *fault);

/**
 * trust_key_remove() - take a key away, or hide one that a package has brought
 * @prefix:     NULL for wherever it is
 * @start:      its fingerprint, or at least 8 digits of its beginning
 * @ret_path:   the file that was removed or made
 * @ret_is_mask: whether it was made, to hide another
 * @ret_prefix: where it was
 */
int trust_key_remove(const char *prefix, const char *start, char **ret_path, bool *ret_is_mask,
                char **ret_prefix, Fault *fault);

void trust_keys_done(TrustKeys *keys);
#define autotrustkeys AUTO(trust_keys_done)
