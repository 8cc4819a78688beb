/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* SHA-256 by OpenSSL, which uses the instructions the processor has for it. */

#include <stddef.h>

#include "image/digest.h"
#include "lib/cleanup.h"

typedef struct Hash Hash;

/* Return: NULL when out of memory. */
Hash *hash_new(void);
void hash_update(Hash *hash, const void *data, size_t size);

/* Ends it; a hash that is finished may only be freed. Return: 0, or -EIO when the library failed. */
int hash_finish(Hash *hash, Digest *ret);
void hash_free(Hash *hash);
DEFINE_AUTO(Hash *, hash_free)
#define autohash AUTO(hash_freep)

/* All at once. */
int hash_bytes(const void *data, size_t size, Digest *ret);

/**
 * hash_chain_id() - name a layer together with all below it
 * @below:      the chain id of the layer below, NULL for the base
 * @diff_id:    the digest of the layer's own archive, unpacked
 */
int hash_chain_id(const Digest *below, const Digest *diff_id, Digest *ret);
