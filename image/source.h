/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where an image comes from: a set of files
 *
 * A directory or an archive, read through one interface, so that who reads
 * an image layout need not care. Names of files are keys: in an archive they
 * never touch the host's file system, in a directory they cannot leave it.
 */

#include "image/stream.h"

typedef struct Source Source;

struct Source {
        /* Return: 0 with a stream and the file's size, -ENOENT without a fault, -errno with one. */
        int (*open)(Source *source, const char *name, Stream **ret, int64_t *ret_size, Fault *fault);
        void (*free)(Source *source);
};

static inline void source_free(Source *source) {
        source->free(source);
}

DEFINE_AUTO(Source *, source_free)
#define autosource AUTO(source_freep)

int source_new_directory(const char *path, Source **ret, Fault *fault);

/**
 * source_new_archive() - a tar archive
 * @path:       its file; "-" is standard input
 * @spool_fd:   directory with room for a copy, if the archive is compressed or a pipe
 *
 * The archive is read once to know what is where, and then member by member.
 */
int source_new_archive(const char *path, int spool_fd, Source **ret, Fault *fault);

/* A stream that must exist. */
int image_source_open(Source *source, const char *name, Stream **ret, int64_t *ret_size, Fault *fault);

/* A whole document, at most DOC_LIMIT long. Return: as open, -EFBIG with a fault. */
int source_read(Source *source, const char *name, char **ret, size_t *ret_size, Fault *fault);

bool source_has(Source *source, const char *name);
