/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Tables and JSON on standard output
 *
 * Verbs that list things print a table for people and, with --json, an array
 * of objects for programs. Rows are filled cell by cell, from left to right.
 * The first failure (memory is all that can fail) sticks and is returned by
 * table_print(), so that the calls in between need no checking.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "lib/cleanup.h"

typedef enum TableTone {
        TABLE_PLAIN,
        TABLE_GOOD,  /* green */
        TABLE_BAD,   /* red */
        TABLE_FAINT, /* what is less interesting */
        _TABLE_TONE_MAX,
} TableTone;

typedef struct Table Table;

/**
 * table_new() - start a table
 * @headers:    names of its columns, upper case; one that starts with '>' is aligned to the right
 * @n:          how many there are
 *
 * Return: NULL when out of memory, which the functions below take as a table that sticks in failure.
 */
Table *table_new(const char *const *headers, size_t n);

/* Fills the next cell; NULL and "" are shown as "-". Bytes that would drive a terminal are shown as '?'. */
void table_cell(Table *table, const char *text, TableTone tone);

/* How the state of a unit is shown, in systemd's words. */
TableTone table_state_tone(const char *state);

/* Columns are shortened, the widest first, until lines fit into @width columns; 0 for as long as it takes.
 */
void table_set_width(Table *table, size_t width);

void table_hide_headers(Table *table);

/**
 * table_print() - headers, then rows in the order they were filled
 * Return: 0 or -ENOMEM.
 */
int table_print(const Table *table, FILE *stream, bool color);

void table_free(Table *table);
DEFINE_AUTO(Table *, table_free)
#define autotable AUTO(table_freep)

/* Whether @stream takes colours: a terminal that is not dumb, and no $NO_COLOR (https://no-color.org). */
bool color_is_wanted(FILE *stream);

/* A file may have any name, but JSON is UTF-8: what is not, is a question mark. Return: NULL for no memory.
 */
json_t *json_text(const char *text);

/* The same, and null for what is empty or NULL. */
json_t *json_text_or_null(const char *text);

/* Pretty, keys in the order they were set, a line break at the end. Return: 0 or -errno. */
int json_print(const json_t *json, FILE *stream);

/* The same in one line. */
int json_print_line(const json_t *json, FILE *stream);
