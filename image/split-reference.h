/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The list of references of a tar-split, as it is in the file; see image/split.h. */

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct References {
        unsigned char *data;
        size_t size, room;
        size_t n;
        char last[PATH_MAX]; /* path of the last one */
} References;

/* Return: 0 or -ENOMEM. */
int references_add(References *references, uint64_t literals, uint64_t size, uint64_t crc, const char *path);

void references_done(References *references);

typedef struct SplitReference {
        uint64_t literals; /* before the content */
        uint64_t size;
        uint64_t crc; /* of the content */
        char path[PATH_MAX];
} SplitReference;

/* A place in a list; starts as all zero but for the first two. */
typedef struct ReferenceReader {
        const unsigned char *data;
        size_t size;
        size_t at;
        SplitReference now;
} ReferenceReader;

/* Goes to the next one. Return: 1, 0 at the end, -EBADMSG when the list is damaged. */
int references_next(ReferenceReader *reader);

/**
 * references_correct() - find the files again after something was replaced
 * @inodes:     one for each reference
 * @root_fd:    "fs"
 * @layer_fd:   where "replaced" is
 *
 * Return: 0, -ENOENT when one cannot be found, -errno.
 */
int references_correct(References *references, const ino_t *inodes, int root_fd, int layer_fd);

/* Opens the file of a reference to read. @path may be one of either kind. Return: a descriptor or -errno. */
int reference_open(const char *path, int root_fd, int layer_fd);
