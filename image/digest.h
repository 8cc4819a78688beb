/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Digests as text
 *
 * "sha256:" and 64 lower-case hexadecimal digits, and nothing else. A digest
 * becomes part of a path, so its syntax is checked before anything is done
 * with it. Computing one is image/hash.h, which needs a library; reading
 * the store does not.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/fault.h"

#define DIGEST_BYTES 32
#define DIGEST_HEX (2 * DIGEST_BYTES)

typedef struct Digest {
        char hex[DIGEST_HEX + 1]; /* empty when there is none */
} Digest;

/* Exactly @n lower-case hexadecimal digits, and the end. */
bool digest_is_hex(const char *text, size_t n);

/* Reads "sha256:HEX". Other algorithms are refused by name. Return: 0, -EINVAL, -EOPNOTSUPP. */
int digest_parse(const char *text, Digest *ret, Fault *fault);

/* Takes 64 hexadecimal digits without a prefix. Return: 0 or -EINVAL. */
int digest_from_hex(const char *hex, Digest *ret);

void digest_from_bytes(const unsigned char bytes[DIGEST_BYTES], Digest *ret);

static inline bool digest_is_set(const Digest *digest) {
        return digest->hex[0] != '\0';
}

bool digest_equal(const Digest *a, const Digest *b);
