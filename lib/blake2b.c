/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/blake2b.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The fractional parts of the square roots of the first eight primes. */
static const uint64_t initial[8] = {
        0x6a09e667f3bcc908,
        0xbb67ae8584caa73b,
        0x3c6ef372fe94f82b,
        0xa54ff53a5f1d36f1,
        0x510e527fade682d1,
        0x9b05688c2b3e6c1f,
        0x1f83d9abfb41bd6b,
        0x5be0cd19137e2179,
};

/* In which order each round takes the words of the block. */
/* clang-format off */
static const uint8_t order[10][16] = {
        {  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15 },
        { 14, 10,  4,  8,  9, 15, 13,  6,  1, 12,  0,  2, 11,  7,  5,  3 },
        { 11,  8, 12,  0,  5,  2, 15, 13, 10, 14,  3,  6,  7,  1,  9,  4 },
        {  7,  9,  3,  1, 13, 12, 11, 14,  2,  6,  5, 10,  4,  0, 15,  8 },
        {  9,  0,  5,  7,  2,  4, 10, 15, 14,  1, 11, 12,  6,  8,  3, 13 },
        {  2, 12,  6, 10,  0, 11,  8,  3,  4, 13,  7,  5, 15, 14,  1,  9 },
        { 12,  5,  1, 15, 14, 13,  4, 10,  0,  7,  6,  3,  9,  2,  8, 11 },
        { 13, 11,  7, 14, 12,  1,  3,  9,  5,  0, 15,  4,  8,  6,  2, 10 },
        {  6, 15, 14,  9, 11,  3,  0,  8, 12,  2, 13,  7,  1,  4, 10,  5 },
        { 10,  2,  8,  4,  7,  6,  1,  5, 15, 11,  9, 14,  3, 12, 13,  0 },
};
/* clang-format on */

static inline uint64_t rotate(uint64_t x, unsigned n) {
        return x >> n | x << (64 - n);
}

static inline void mix(uint64_t *v, int a, int b, int c, int d, uint64_t x, uint64_t y) {
        v[a] += v[b] + x;
        v[d] = rotate(v[d] ^ v[a], 32);
        v[c] += v[d];
        v[b] = rotate(v[b] ^ v[c], 24);
        v[a] += v[b] + y;
        v[d] = rotate(v[d] ^ v[a], 16);
        v[c] += v[d];
        v[b] = rotate(v[b] ^ v[c], 63);
}

static uint64_t little_endian(const uint8_t *bytes) {
        uint64_t x = 0;

        for (int i = 7; i >= 0; i--)
                x = x << 8 | bytes[i];
        return x;
}

static void compress(Blake2b *hash, bool last) {
        uint64_t v[16], m[16];

        for (int i = 0; i < 16; i++)
                m[i] = little_endian(hash->block + 8 * i);
        memcpy(v, hash->state, sizeof(hash->state));
        memcpy(v + 8, initial, sizeof(initial));
        v[12] ^= hash->total;
        if (last)
                v[14] = ~v[14];

        for (int round = 0; round < 12; round++) {
                const uint8_t *s = order[round % 10];

                mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
                mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
                mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
                mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
                mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
                mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
                mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
                mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
        }

        for (int i = 0; i < 8; i++)
                hash->state[i] ^= v[i] ^ v[i + 8];
}

void blake2b_begin(Blake2b *hash) {
        *hash = (Blake2b){};
        memcpy(hash->state, initial, sizeof(initial));
        /* No key, one level, and how long the digest shall be. */
        hash->state[0] ^= 0x01010000 ^ BLAKE2B_SIZE;
}

void blake2b_add(Blake2b *hash, const void *data, size_t size) {
        const uint8_t *at = data;

        while (size > 0) {
                size_t n = sizeof(hash->block) - hash->filled;

                /* A full block waits for the next byte: the last block is treated differently. */
                if (n == 0) {
                        compress(hash, false);
                        hash->filled = 0;
                        continue;
                }
                if (n > size)
                        n = size;
                memcpy(hash->block + hash->filled, at, n);
                hash->filled += n;
                hash->total += n;
                at += n;
                size -= n;
        }
}

void blake2b_end_hex(Blake2b *hash, char ret[static 2 * BLAKE2B_SIZE + 1]) {
        memset(hash->block + hash->filled, 0, sizeof(hash->block) - hash->filled);
        compress(hash, true);

        for (int i = 0; i < BLAKE2B_SIZE; i++)
                (void) snprintf(ret + 2 * i, 3, "%02x",
                                (unsigned) (hash->state[i / 8] >> (8 * (i % 8)) & 0xff));
}
