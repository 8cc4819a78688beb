/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Decompression
 *
 * What a layer is compressed with is told by its first bytes and not by its
 * media type, which is often wrong. gzip in several members and zstd in
 * several frames, skippable ones too, are one stream, as registries serve it.
 */

#include "image/stream.h"

typedef enum Compression {
        COMPRESSION_NONE,
        COMPRESSION_GZIP,
        COMPRESSION_ZSTD,
        COMPRESSION_BZIP2, /* known by sight only */
        COMPRESSION_XZ,
        _COMPRESSION_MAX,
} Compression;

Compression compression_of(const unsigned char *start, size_t size);

/*
 * A small archive must not fill the disk: once this much has come out, it may be at most so many
 * times what went in. All that compilers and package managers write is far below.
 */
#define DECODE_FREE (1ull << 30)
#define DECODE_RATIO 200

/**
 * stream_new_decoder() - undo whatever compression there is
 * @from:       taken, also on failure
 *
 * Return: NULL when out of memory. Compression that is not supported is a fault at the first read.
 */
Stream *stream_new_decoder(Stream *from);
