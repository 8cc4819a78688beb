/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Reading ahead in a thread
 *
 * Decompressing a layer and writing its files cost about the same, so they
 * run side by side: a thread reads the stream into a ring of buffers, and
 * whoever unpacks takes them out without copying.
 */

#include "image/stream.h"

typedef struct Readahead Readahead;

/* Takes the stream, also on failure. Return: 0 or -errno. */
int readahead_start(Stream *from, Readahead **ret);

/**
 * readahead_next() - the next piece
 * @ret:        its bytes, good until the next call
 *
 * Return: how many, 0 at the end (again and again), -errno with the stream's fault.
 */
ssize_t readahead_next(Readahead *readahead, const void **ret, Fault *fault);

/* Stops the thread, wherever it is, and waits for it. */
/* Reads no more; what is read already can still be had. The stream can be read by the caller then. */
void readahead_stop(Readahead *ra);

void readahead_free(Readahead *readahead);
DEFINE_AUTO(Readahead *, readahead_free)
