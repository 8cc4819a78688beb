/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A manifest in the making
 *
 * What YAML says becomes lines of a manifest that is in no file: each has the place of the value that it was
 * made from, so that whoever finds fault with it later blames the right spot. Texts are plain: what would
 * mean something to systemd, or to the reader of the line, is escaped here. The first failure sticks.
 */

#include "generator/arena.h"
#include "generator/kube/fields.h"
#include "generator/quadlet/manifest.h"

typedef struct Sheet {
        Arena *arena;
        Manifest *manifest;
        const char *path; /* of the YAML file */
        size_t room;
        FaultList *faults;
        int error; /* -ENOMEM */
} Sheet;

/**
 * sheet_begin() - a new manifest
 * @parent:     the file that asked for it
 * @name:       file name that it would have, without its extension: "web"
 * @path:       the YAML file
 * @node:       what it is made from
 */
void sheet_begin(Sheet *sheet, Arena *arena, Manifest *parent, ManifestType type, const char *name,
                const char *path, const YamlNode *node, FaultList *faults);

/* KEY=VALUE as it is. */
void sheet_set(Sheet *sheet, const char *section, const char *key, const YamlNode *node, const char *value);
void sheet_setf(Sheet *sheet, const char *section, const char *key, const YamlNode *node, const char *format,
                ...) __attribute__((format(printf, 5, 6)));

/* A text that is the whole value; it cannot have control characters. */
void sheet_text(Sheet *sheet, const char *section, const char *key, const YamlNode *node, const char *text);

/* The same, for a key that takes one pair of quotes off. */
void sheet_quoted(
                Sheet *sheet, const char *section, const char *key, const YamlNode *node, const char *text);

/* One word of a key whose values are words with escapes; or the words of a command. */
void sheet_word(Sheet *sheet, const char *section, const char *key, const YamlNode *node, const char *text);
void sheet_words(Sheet *sheet, const char *section, const char *key, const YamlNode *node,
                char *const *words);

/* Words as a JSON array. */
void sheet_array(Sheet *sheet, const char *section, const char *key, const YamlNode *node,
                char *const *words);

/* The same line as in another manifest. */
void sheet_copy(Sheet *sheet, const char *section, const Assignment *assignment);

/* Whether a text has none of the characters that cannot stand in a line; else there is a fault. */
bool sheet_check(Sheet *sheet, const YamlNode *node, const char *text);

/* Whether there is a line of that value. */
bool sheet_has(const Sheet *sheet, const char *value);

/* Texts as they are written in values: @text with '%' and '$' doubled; and quoted as a word. */
char *sheet_escape(Sheet *sheet, const char *text);
char *sheet_quote(Sheet *sheet, const char *text);

/* What printf(3) would print, in the arena; "" without memory. */
char *sheet_format(Sheet *sheet, const char *format, ...) __attribute__((format(printf, 2, 3)));
