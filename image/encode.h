/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Compression of layers on their way out. The same library makes the same bytes each time. */

#include "image/decode.h"

/* "none", "gzip", "zstd". Return: -1 for a word that is none of them. */
int compression_from_word(const char *word);
const char *compression_to_word(Compression compression);

/* @from: taken, also on failure. Return: NULL when out of memory. */
Stream *stream_new_encoder(Stream *from, Compression compression);
