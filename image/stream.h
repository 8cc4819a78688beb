/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Streams of bytes
 *
 * What lies between a file and the layer in it is a chain of streams, each of
 * which reads from the one before: a file or a member of an archive, a digest
 * taken in passing, a decompressor. The last one is read; each owns what it
 * reads from.
 */

#include <stdint.h>
#include <sys/types.h>

#include "image/hash.h"
#include "lib/cleanup.h"
#include "lib/fault.h"

typedef struct Stream Stream;

struct Stream {
        /* Return: how many bytes were read, 0 at the end, -errno with a fault. */
        ssize_t (*read)(Stream *stream, void *buffer, size_t size, Fault *fault);

        /* Goes forward without reading; NULL where that is not possible. Return: how far it went. */
        int64_t (*skip)(Stream *stream, int64_t size);

        void (*free)(Stream *stream);
};

static inline ssize_t stream_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        return stream->read(stream, buffer, size, fault);
}

static inline void stream_free(Stream *stream) {
        stream->free(stream);
}

DEFINE_AUTO(Stream *, stream_free)
#define autostream AUTO(stream_freep)

/* Reads a seekable file from @offset on; the descriptor stays the caller's, and its position is not used. */
Stream *stream_new_file(int fd, int64_t offset);

/* Reads a pipe, or whatever has no position, from where it is. */
Stream *stream_new_pipe(int fd);

/* What has passed a tap. */
typedef struct Passed {
        uint64_t bytes;
        Hash *hash; /* NULL when nobody wants the digest */
} Passed;

/**
 * stream_new_tap() - count and digest what passes
 * @from:       taken, also on failure
 * @passed:     the caller's, must outlive the stream
 * @limit:      more bytes than this are a fault; UINT64_MAX for none
 * @what:       what is too long then, for the message; borrowed
 *
 * Return: NULL when out of memory.
 */
Stream *stream_new_tap(Stream *from, Passed *passed, uint64_t limit, const char *what);

/* Fills the whole buffer unless the end comes first. Return: as read. */
ssize_t stream_read_full(Stream *stream, void *buffer, size_t size, Fault *fault);
