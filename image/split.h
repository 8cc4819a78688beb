/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What a layer's archive has besides the files that come out of it
 *
 * The store keeps layers unpacked. To be able to write the archive again, byte
 * for byte, what is not content of a file (headers, padding, whatever a
 * stranger's tar put there) is kept when it is unpacked, in the file
 * "tar-split" beside "fs"; for the contents there are references:
 *
 *      "SLIPTAR1"
 *      a frame of zstd: the literals, all that is not the content of a file
 *      a frame of zstd: the references, one after the other
 *              varint  how many literals come before the content
 *              varint  its size, which is that of the file
 *              varint  how many bytes the path has in common with the one before
 *              varint  how many follow
 *              bytes   those
 *              uint64  CRC-64 of the content (ECMA-182, reflected), by which a changed file is found
 *      uint64  size of the archive
 *      uint64  bytes of literals
 *      uint64  where the second frame begins
 *      uint64  bytes of references
 *      "1RATPILS"
 *
 * Numbers are little-endian, varints as in LEB128. A path is relative to "fs",
 * or begins with a slash and is relative to "replaced": a file that something
 * later in the same archive took the place of is kept there. The contents of
 * sparse files are literals.
 *
 * Who writes the archive from that (image/reassemble.h) compares its digest.
 */

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/cleanup.h"

#define SPLIT_FILE "tar-split"
#define SPLIT_REPLACED "replaced"
#define SPLIT_START "SLIPTAR1"
#define SPLIT_END "1RATPILS"
#define SPLIT_TRAILER (4 * 8 + 8)

/* Beyond this, nothing is kept of the layer: it cannot be written as an archive. */
#define SPLIT_FILE_LIMIT (256u << 20)
#define SPLIT_REFERENCES_LIMIT (256u << 20)

typedef struct Split Split;

/* @dir_fd: directory of the layer, must stay open. Return: 0 or -errno. */
int split_begin(int dir_fd, Split **ret);

/* The next piece of the archive; it must stay where it is until split_pass(). */
void split_show(Split *split, const void *data, size_t size);

/* The piece goes away: what of it is no content of a file is kept now. */
void split_pass(Split *split);

/**
 * split_file() - from @at on there are @size bytes that a file has as its content
 * @path:       normalised
 * @fd:         the file
 *
 * Must be called before the piece with the content's first byte goes away. Of what is not certain the
 * bytes are kept.
 */
void split_file(Split *split, const char *path, int fd, int64_t at, int64_t size);

/**
 * split_set_aside() - something is in the way of a later entry
 * Return: 1 when it has been moved, 0 when it may be removed, -errno.
 */
int split_set_aside(Split *split, int dir_fd, const char *name);

/**
 * split_end() - all has been seen
 * @root_fd:    "fs" as it is now
 *
 * Return: 0, also when nothing could be kept and there is no file; -errno when writing failed.
 */
int split_end(Split *split, int root_fd);

void split_free(Split *split);
DEFINE_AUTO(Split *, split_free)
#define autosplit AUTO(split_freep)
