/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <string.h>

enum { CHUNK_SIZE = 64 * 1024 };

typedef struct Chunk {
        struct Chunk *next;
        size_t size;
        alignas(max_align_t) char bytes[];
} Chunk;

struct Arena {
        Chunk *chunks;
        char *at;
        size_t left;
};

Arena *arena_new(void) {
        return calloc(1, sizeof(Arena));
}

static void free_chunks(Chunk *chunk) {
        while (chunk) {
                Chunk *next = chunk->next;

                free(chunk);
                chunk = next;
        }
}

void arena_free(Arena *arena) {
        if (!arena)
                return;
        free_chunks(arena->chunks);
        free(arena);
}

void arena_reset(Arena *arena) {
        Chunk *kept = arena->chunks;

        if (!kept)
                return;
        free_chunks(kept->next);
        kept->next = NULL;
        arena->at = kept->bytes;
        arena->left = kept->size;
}

static Chunk *add_chunk(Arena *arena, size_t size) {
        Chunk *chunk = malloc(sizeof(Chunk) + size);

        if (!chunk)
                return NULL;
        chunk->next = arena->chunks;
        chunk->size = size;
        arena->chunks = chunk;
        return chunk;
}

void *arena_alloc(Arena *arena, size_t size) {
        size_t align = alignof(max_align_t);
        Chunk *chunk;
        char *at;

        if (size > (size_t) -1 / 2)
                return NULL;
        size = (size + align - 1) / align * align;

        /* What is large gets a piece of its own, so that the rest of the current one is not lost. */
        if (size > CHUNK_SIZE / 4) {
                chunk = add_chunk(arena, size);
                return chunk ? chunk->bytes : NULL;
        }

        if (size > arena->left) {
                chunk = add_chunk(arena, CHUNK_SIZE);
                if (!chunk)
                        return NULL;
                arena->at = chunk->bytes;
                arena->left = CHUNK_SIZE;
        }

        at = arena->at;
        arena->at += size;
        arena->left -= size;
        return at;
}

void *arena_copy(Arena *arena, const void *data, size_t size) {
        char *copy = arena_alloc(arena, size + 1);

        if (!copy)
                return NULL;
        if (size > 0)
                memcpy(copy, data, size);
        copy[size] = '\0';
        return copy;
}

char *arena_string(Arena *arena, const char *text) {
        return arena_copy(arena, text, strlen(text));
}

char *arena_join(Arena *arena, const char *one, const char *two, const char *three) {
        char *text = arena_alloc(arena, strlen(one) + strlen(two) + strlen(three) + 1);

        if (!text)
                return NULL;
        (void) stpcpy(stpcpy(stpcpy(text, one), two), three);
        return text;
}

char *arena_format(Arena *arena, const char *format, ...) {
        char *text;
        va_list ap;
        int n;

        va_start(ap, format);
        n = vsnprintf(NULL, 0, format, ap);
        va_end(ap);
        if (n < 0)
                return NULL;

        text = arena_alloc(arena, (size_t) n + 1);
        if (!text)
                return NULL;

        va_start(ap, format);
        (void) vsnprintf(text, (size_t) n + 1, format, ap);
        va_end(ap);
        return text;
}
