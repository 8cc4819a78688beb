/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Memory that is given back all at once
 *
 * A generator makes many small things that live exactly as long as it does.
 * They are cut off large pieces, one after the other.
 */

#include <stddef.h>

#include "lib/cleanup.h"

typedef struct Arena Arena;

/* Return: NULL when out of memory. */
Arena *arena_new(void);
void arena_free(Arena *arena);
DEFINE_AUTO(Arena *, arena_free)

/* Gives everything back at once, and keeps one piece for what comes next. */
void arena_reset(Arena *arena);

/* Fit for any object, not cleared. Return: NULL when out of memory. */
void *arena_alloc(Arena *arena, size_t size);

/* A copy with a NUL behind it, of bytes that may contain some themselves. */
void *arena_copy(Arena *arena, const void *data, size_t size);

char *arena_string(Arena *arena, const char *text);

/* Three texts, one after the other. */
char *arena_join(Arena *arena, const char *one, const char *two, const char *three);

/* What printf(3) would print. */
char *arena_format(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
