/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * BLAKE2b-256, RFC 7693
 *
 * Names things in caches by their content where no library can be linked:
 * as fast as a checksum, and still nobody finds two contents with one name.
 */

#include <stddef.h>
#include <stdint.h>

enum { BLAKE2B_SIZE = 32 };

typedef struct Blake2b {
        uint64_t state[8];
        uint64_t total;
        uint8_t block[128];
        size_t filled;
} Blake2b;

void blake2b_begin(Blake2b *hash);
void blake2b_add(Blake2b *hash, const void *data, size_t size);

/* Writes the digest in lower case hexadecimal. The hash is spent afterwards. */
void blake2b_end_hex(Blake2b *hash, char ret[static 2 * BLAKE2B_SIZE + 1]);
