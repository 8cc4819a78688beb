/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/verified.h"

#include <string.h>

typedef struct Verified {
        Stream stream;
        Stream *from;
        Passed passed;
        Digest digest;
        int64_t size;
        char *what;
} Verified;

static int compare(Verified *verified, Fault *fault) {
        Digest digest;
        int r = hash_finish(verified->passed.hash, &digest);

        if (r < 0)
                return r;
        if (verified->size >= 0 && (uint64_t) verified->size != verified->passed.bytes)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "%s has %ju bytes and not %jd",
                                verified->what, (uintmax_t) verified->passed.bytes,
                                (intmax_t) verified->size);
        if (!digest_equal(&digest, &verified->digest))
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "%s has the digest sha256:%s and not sha256:%s", verified->what, digest.hex,
                                verified->digest.hex);
        return 0;
}

static ssize_t verified_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        Verified *verified = (Verified *) stream;
        ssize_t n = stream_read(verified->from, buffer, size, fault);

        if (n > 0) {
                verified->passed.bytes += (uint64_t) n;
                hash_update(verified->passed.hash, buffer, (size_t) n);
        } else if (n == 0 && verified->passed.hash) {
                n = compare(verified, fault);
                hash_free(TAKE(verified->passed.hash));
        }
        return n;
}

static void verified_free(Stream *stream) {
        Verified *verified = (Verified *) stream;

        stream_freep(&verified->from);
        hash_freep(&verified->passed.hash);
        free(verified->what);
        free(verified);
}

Stream *stream_new_verified(Stream *from, const Digest *digest, int64_t size, const char *what) {
        autostream Stream *owned = from, *stream = NULL;
        Verified *verified = calloc(1, sizeof(Verified));

        if (!verified)
                return NULL;
        stream = &verified->stream;
        *verified = (Verified){ { verified_read, NULL, verified_free }, .digest = *digest, .size = size };
        verified->from = TAKE(owned);
        verified->passed.hash = hash_new();
        verified->what = strdup(what);
        return verified->passed.hash && verified->what ? TAKE(stream) : NULL;
}
