/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where an image goes to: a set of files
 *
 * The opposite of image/source.h: a directory, or an archive that is written
 * from its start to its end. An archive has the same bytes each time.
 */

#include <stdbool.h>

#include "image/stream.h"

typedef struct Sink Sink;

struct Sink {
        /* Makes a file of exactly @size bytes. */
        int (*put)(Sink *sink, const char *name, int64_t size, Stream *from, Fault *fault);

        /* Whether it has a file of that name and size already. */
        bool (*has)(Sink *sink, const char *name, int64_t size);

        /* What was there before. Return: 0, -ENOENT, -errno. */
        int (*read)(Sink *sink, const char *name, char **ret, size_t *ret_size);

        /* All is there; without it, nothing has happened as far as that is possible. */
        int (*finish)(Sink *sink, Fault *fault);
        void (*free)(Sink *sink);
};

static inline void sink_free(Sink *sink) {
        sink->free(sink);
}

DEFINE_AUTO(Sink *, sink_free)
#define autosink AUTO(sink_freep)

int sink_put_text(Sink *sink, const char *name, const void *text, size_t size, Fault *fault);

/* Makes the directory if need be. */
int sink_new_directory(const char *path, Sink **ret, Fault *fault);

/**
 * sink_new_archive() - a tar archive
 * @path:       its file, which is replaced when all is written; NULL for standard output
 */
int sink_new_archive(const char *path, Sink **ret, Fault *fault);
