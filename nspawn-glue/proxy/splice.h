/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Moves bytes from one socket to another, through a pipe and not through us
 *
 * A pipe is only held while there is something in it: connections that are
 * silent have none.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PIPES_KEPT = 64 };

typedef struct Pipe {
        int in, out;
} Pipe;

/* Pipes that nobody holds. */
typedef struct PipePool {
        Pipe pipes[PIPES_KEPT];
        size_t n;
} PipePool;

void pipes_done(PipePool *pool);

/* One end of a connection. Whether it can be read from or written to is known by edges: until it said no. */
typedef struct Side {
        int fd;
        bool readable, writable;
        bool has_ended; /* there is nothing more to read */
        bool is_shut;   /* there is nothing more to write */
        bool is_corked; /* the kernel waits for more */
} Side;

/* What is on its way in one direction. */
typedef struct Stream {
        Pipe pipe; /* -1 when there is none */
        size_t n;
} Stream;

void stream_open(Stream *stream);
void stream_close(Stream *stream, PipePool *pool);

/**
 * stream_pump() - move what can be moved now
 *
 * The end of one side is handed on to the other when all before it has been.
 *
 * Return: 1 when there may be more to do at once, 0 when not, -errno when the connection is broken.
 */
int stream_pump(Stream *stream, PipePool *pool, Side *from, Side *to);
