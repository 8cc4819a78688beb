/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Bytes in, lines out
 *
 * Cuts a stream into the lines that become journal entries. A line is handed
 * on whole if it fits, and in pieces if not; all but the last piece say so.
 * Any bytes will do; one that is 0 ends a line, as it does in the journal's
 * own streams.
 */

#include <stdbool.h>
#include <stddef.h>

enum { LINE_MAX_SIZE = 1024 * 1024 };

typedef struct Line {
        const char *text; /* not terminated, without its line break */
        size_t size;
        bool is_cut; /* the line goes on in the next piece */
} Line;

typedef void LineTake(const Line *line, void *into);

typedef struct LineBuffer {
        char bytes[LINE_MAX_SIZE];
        size_t size;
} LineBuffer;

/* Where the next bytes go, and how many may. Never 0 after lines_take(). */
char *lines_room(LineBuffer *buffer, size_t *ret_size);

/* Says that @n bytes came, and hands on the lines that are complete with them. */
void lines_take(LineBuffer *buffer, size_t n, LineTake *take, void *into);

/* Hands on what is left as a line: nobody writes any more. */
void lines_flush(LineBuffer *buffer, LineTake *take, void *into);
