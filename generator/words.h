/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Words and booleans, as systemd reads them
 *
 * Words are separated by blanks. Quotes of either sort join what is between
 * them, also in the middle of a word, and `""` is an empty word. An unknown escape
 * stays as it is written; a quote that nobody closes is an error.
 */

#include <stdbool.h>

#include "lib/fault.h"

typedef enum WordFlags {
        WORDS_ESCAPES = 0, /* \n \x41 \101 \u00e9 … become what they stand for: command lines */
        WORDS_LITERAL_BACKSLASH =
                        1 << 0, /* a backslash is a byte like any other: lists of names and paths */
} WordFlags;

/* A position in a value. Begin with { .at = value }. */
typedef struct WordReader {
        const char *at; /* the next byte to read */
        WordFlags flags;
        const char *start;      /* where the word that was read last began: for columns */
        const char *odd_escape; /* the first unknown escape that was kept as it is, or NULL */
} WordReader;

/**
 * word_next() - read the next word
 * @reader:     position, moves on
 * @word:       where to put it; as long as the value and its NUL are, it is long enough
 * @fault:      what was wrong; its place is not touched
 *
 * Return: 1 with a word, 0 at the end, -EINVAL when a quote or the value ends too early.
 */
int word_next(WordReader *reader, char *word, Fault *fault);

/**
 * words_split() - all words of a value
 * @words:      list that they are appended to
 *
 * Return: 0, -EINVAL as word_next() with @words untouched, -ENOMEM.
 */
int words_split(const char *value, WordFlags flags, char ***words, Fault *fault);

/**
 * boolean_parse() - a truth value
 *
 * 1 yes y true t on, 0 no n false f off, in any case; nothing else, and not the empty string.
 *
 * Return: 0, -EINVAL with @ret untouched.
 */
int boolean_parse(const char *value, bool *ret);
