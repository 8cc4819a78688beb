/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Values of keys
 *
 * A file here knows the grammar of one sort of value, and neither files nor
 * lines nor keys. It checks what was written and gives it back in the one form that
 * the launcher reads. What systemd will only know when the unit starts, "%i"
 * or "${VAR}", passes unchecked.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fault.h"

typedef struct Value {
        const char *text;      /* one item, as it was written */
        const char *directory; /* what relative paths start from; plain text, not unit text */

        /* What the parser has found out besides. */
        const char *later;   /* right, but not supported yet: completes "not supported yet: KEY, …" */
        bool is_harmless;    /* asks for nothing, and so is supported even where its key is not yet */
        char reference[256]; /* file name of another manifest that it speaks of, or empty */
} Value;

/**
 * ValueParse - check a value and normalise it
 * @value:      in and out
 * @ret:        a new string
 *
 * Return: 0; -EINVAL with a fault; -EOPNOTSUPP with a fault for what will never be supported; -ENOMEM.
 */
typedef int ValueParse(Value *value, char **ret, Fault *fault);

/* The same for a number. Never gives 0, which stands for a number that was not given. */
typedef int ValueParseNumber(Value *value, int64_t *ret, Fault *fault);

/* "'TEXT' is not WHAT": the shape of most faults. */
int value_wrong(Fault *fault, const char *text, const char *what);

/* "not supported, WHY". */
int value_refuse(Fault *fault, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Whether systemd will put something else in the place of a part of @text. */
bool value_is_dynamic(const char *text);

/* The same for the first @size bytes. */
bool value_is_dynamic_part(const char *text, size_t size);

/* Whether @text begins with something that systemd will replace: "%h/x", "${DIR}/x". */
bool value_begins_dynamic(const char *text);

/* Plain text as unit text. Return: a new string, NULL without memory. */
char *value_escape(const char *text);

/* Unit text without expansions as plain text; the opposite of value_escape(). */
char *value_unescape(const char *text);

/* Gives back @text as it is. Return: 0 or -ENOMEM. */
int value_copy(const char *text, char **ret);

/* What printf(3) would print. Return: 0 or -ENOMEM. */
int value_printf(char **ret, const char *format, ...) __attribute__((format(printf, 2, 3)));

/**
 * value_resolve() - make a path absolute that begins with '.'
 * @path:       unit text; absolute and dynamic ones are only copied
 *
 * The directory is escaped, so that a '%' in it means itself. Dots are resolved in the text only.
 */
int value_resolve(const char *path, const char *directory, char **ret);

/* An unsigned decimal number, all of @text. Return: 0 or -EINVAL. */
int value_number(const char *text, uint64_t min, uint64_t max, uint64_t *ret);

/* Whether @word is among the first to last words of @list, which ends with NULL. */
bool value_is_one_of(const char *word, const char *const *list);

/* Splits at the first @separator in place. Return: what is behind it, NULL when there is none. */
char *value_cut(char *text, char separator);

/* The next colon that is not inside "${…}", NULL when there is none. */
char *value_find_colon(char *text);

/* Whether @text is a plain name: [a-zA-Z0-9][a-zA-Z0-9_.-]*, at most @max long. */
bool value_is_name(const char *text, size_t max);

/* Values without a grammar of their own. */
ValueParse value_parse_text;          /* anything */
ValueParse value_parse_absolute_path; /* "/…" */
ValueParse value_parse_path;          /* the same, or relative to the directory */
ValueParse value_parse_count;         /* a number from 0 */
ValueParse value_parse_name;          /* value_is_name(), as long as a container's name may be */
