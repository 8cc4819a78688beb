/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A stream over memory, given out in small pieces so that boundaries fall everywhere. */

#include <string.h>

#include "image/stream.h"

typedef struct MemoryStream {
        Stream stream;
        const uint8_t *data;
        size_t left, piece;
} MemoryStream;

static inline ssize_t memory_stream_read(Stream *stream, void *buffer, size_t size, Fault *fault) {
        MemoryStream *memory = (MemoryStream *) stream;
        size_t n = memory->left < size ? memory->left : size;

        if (n > memory->piece)
                n = memory->piece;
        memcpy(buffer, memory->data, n);
        memory->data += n;
        memory->left -= n;
        return (ssize_t) n;
}

static inline void memory_stream_free(Stream *stream) {
        free(stream);
}

static inline Stream *memory_stream_new(const void *data, size_t size, size_t piece) {
        MemoryStream *memory = calloc(1, sizeof(MemoryStream));

        if (!memory)
                return NULL;
        *memory = (MemoryStream){ { memory_stream_read, NULL, memory_stream_free }, data, size, piece };
        return &memory->stream;
}
