/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Decompression: the same comes out, however the input is cut into pieces. Whether damaged input is refused
 * may depend on it: libzstd is stricter about a frame that it sees whole.
 */

#include <assert.h>

#include "image/decode.h"
#include "tests/fuzz/memory-stream.h"

#define MOST (8u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Return: the digest of what comes out; empty when it is refused. */
static Digest decode(const uint8_t *data, size_t size, size_t piece, size_t room) {
        autostream Stream *stream = stream_new_decoder(memory_stream_new(data, size, piece));
        autofree char *buffer = malloc(room);
        autohash Hash *hash = hash_new();
        Digest digest = {};
        Fault fault = {};
        size_t total = 0;
        ssize_t n;

        assert(stream && buffer && hash);
        while ((n = stream_read(stream, buffer, room, &fault)) > 0) {
                hash_update(hash, buffer, (size_t) n);
                total += (size_t) n;
                if (total > MOST)
                        return digest;
        }
        if (n < 0) {
                assert(fault_is_raised(&fault));
                return digest;
        }
        assert(hash_finish(hash, &digest) == 0);
        return digest;
}

static bool agree(const Digest *a, const Digest *b) {
        return !digest_is_set(a) || !digest_is_set(b) || digest_equal(a, b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        Digest whole = decode(data, size, SIZE_MAX, 65536), pieces = decode(data, size, 7, 65536),
               small = decode(data, size, 1000, 100);

        assert(agree(&whole, &pieces));
        assert(agree(&whole, &small));
        assert(agree(&pieces, &small));
        return 0;
}
