/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the parts of the reader of TOML share; nobody else includes it. */

#include "image/registries/toml.h"

/* The text ends with a NUL, has no other, and is UTF-8: that was checked before. */
typedef struct TomlReader {
        const char *path;
        const char *at;         /* what comes next */
        const char *line_start; /* to count columns from */
        unsigned line, depth;
        Fault *fault;
} TomlReader;

/* Says that the next character is to blame. */
void toml_locate(TomlReader *reader);

/* clang-format off */
#define toml_fail(reader, ...) \
        (toml_locate(reader), fault_raise((reader)->fault, FAULT_SYNTAX, EINVAL, __VA_ARGS__))
/* clang-format on */

/* A value that begins here. Return: NULL when out of memory. */
Toml *toml_new(const TomlReader *reader, TomlType type);

/* Owns @value, also on failure. */
int toml_append(TomlReader *reader, Toml *container, Toml *value);

/* Makes @value the key's; two of a name are a fault. Owns @value, also on failure. */
int toml_assign(TomlReader *reader, Toml *table, char *const *key, Toml *value);

void toml_skip_blanks(TomlReader *reader);

/* Return: 1 when it went to the next line, 0 when the line goes on, -EINVAL. */
int toml_skip_line_end(TomlReader *reader);

/* Blanks, comments and ends of lines. */
int toml_skip_lines(TomlReader *reader);

/* The words of a dotted key. */
int toml_read_key(TomlReader *reader, char ***ret);

/* At a quotation mark. @lines: whether it may be one of three. */
int toml_read_string(TomlReader *reader, bool lines, char **ret);

/* KEY = VALUE, which becomes one of @table's. */
int toml_read_pair(TomlReader *reader, Toml *table);

int toml_read_value(TomlReader *reader, Toml **ret);

/* At whatever begins with no bracket and no quotation mark: a number, a time, true or false. */
int toml_read_scalar(TomlReader *reader, Toml **ret);
