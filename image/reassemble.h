/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The archive of a layer, byte for byte
 *
 * A layer lies in the store unpacked. What image/split.h kept when that was
 * done, and the files, make its archive again. Nothing of it is believed: who
 * reads the archive compares its digest with the layer's diff_id.
 */

#include <stdbool.h>

#include "image/digest.h"
#include "image/stream.h"

/**
 * reassemble_open() - begin to write the archive of a layer
 * @layer_fd:   its directory in the store; need not stay open
 * @ret_size:   how long the archive is; NULL if nobody wants to know
 *
 * A file that is not there or has another size is a fault of reading that names it.
 *
 * Return: 0, -ENODATA without a fault when nothing was kept of the archive, -errno with one.
 */
int reassemble_open(int layer_fd, Stream **ret, int64_t *ret_size, Fault *fault);

/* Is told of a file that is not what it was. */
typedef void ReassembleDamage(void *data, const char *path, const char *what);

/* From here on, what is damaged is told of and not a fault: zeros take the place of what cannot be read. */
void reassemble_on_damage(Stream *stream, ReassembleDamage *tell, void *data);

/* Whether the archive can be written, as far as one look tells. */
bool reassemble_is_possible(int layer_fd);

/* Of a stream by reassemble_open(), the next content that is a file in "fs" and not kept as it was. */
typedef struct ReassembledFile {
        uint64_t at; /* in the archive */
        uint64_t size;
        const char *path; /* good until the next call */
} ReassembledFile;

/* Goes through them, beside the reading. Return: 1, 0 at the end, -EBADMSG. */
int reassemble_next_file(Stream *stream, ReassembledFile *ret);

/* A fault for a layer of which nothing was kept, that says what to do. Return: -ENODATA. */
int reassemble_missing(const char *image, const Digest *chain_id, Fault *fault);
