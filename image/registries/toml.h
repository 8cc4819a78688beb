/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * TOML 1.0, as registries.conf(5) is written in it
 *
 * A document is read whole or not at all, and each value knows where it
 * stands, so that whoever does not like it can say file, line and key. What
 * the format forbids is refused: a key that is there twice, a table that is
 * opened twice, text that is no UTF-8.
 *
 * There is one difference to the standard: no string has a NUL in it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

#define TOML_SIZE_LIMIT (1024 * 1024)
#define TOML_DEPTH_LIMIT 32   /* values in values, and words of a dotted key */
#define TOML_ITEMS_LIMIT 4096 /* of one table */

typedef enum TomlType {
        TOML_STRING,
        TOML_INTEGER,
        TOML_FLOAT,
        TOML_BOOLEAN,
        TOML_TIME, /* date, time, or both */
        TOML_ARRAY,
        TOML_TABLE,
        _TOML_TYPE_MAX,
} TomlType;

/* Who has made a table or an array decides who may add to it. */
typedef enum TomlMaker {
        TOML_BY_VALUE,  /* [1, 2] and { a = 1 }: complete */
        TOML_BY_PATH,   /* in the middle of a header's name */
        TOML_BY_HEADER, /* [name], and [[name]] */
        TOML_BY_KEY,    /* in the middle of a dotted key */
} TomlMaker;

typedef struct Toml Toml;
struct Toml {
        TomlType type;
        TomlMaker maker;
        unsigned line, column;
        char *key; /* in a table, NULL in an array */

        /* What it is, by its type. */
        char *text; /* of a string, and of a time as it was written */
        int64_t integer;
        double number;
        bool truth;
        Toml **items; /* of an array or a table, in the order of the file */
        size_t n;
};

/**
 * toml_parse() - read a document
 * @text:       with a NUL behind its @size bytes
 * @path:       what faults name as the file
 * @ret:        a table, to be freed with toml_free()
 *
 * Return: 0, -EINVAL, -EFBIG, -E2BIG or -ENOMEM; with a fault that has file, line and column.
 */
int toml_parse(const char *text, size_t size, const char *path, Toml **ret, Fault *fault);

/* The same from a file. Return: also -ENOENT, without a fault, and what else open(2) says, with one. */
int toml_read_file(const char *path, Toml **ret, Fault *fault);

/* Return: NULL when @table has no such key. */
const Toml *toml_get(const Toml *table, const char *key);

/* "a string", "an array", … for messages. */
const char *toml_type_name(TomlType type);

void toml_free(Toml *value);
DEFINE_AUTO(Toml *, toml_free)
#define autotoml AUTO(toml_freep)
