/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Keys of a section
 *
 * A row says everything about a key: its name, how its lines become items, who
 * parses an item, where the result goes, and why it is refused if it is. `slipway-generator --list-keys`
 * prints the rows, and tests hold the manual page and the test cases to them.
 *
 * To add a key to [Container]: add a field to the model, a row to container-keys.c, a case
 * under tests/cases/, and an entry in man/slipway.container.5. Nothing else knows about keys. It is the
 * same with other sections.
 */

#include <stddef.h>
#include <stdio.h>

#include "generator/quadlet/manifest.h"
#include "generator/values/value.h"

/* How the lines of a key become values. */
typedef enum KeyShape {
        KEY_TEXT,      /* one value, the last line wins; an empty one takes it back */
        KEY_CHOICE,    /* the same for a truth value */
        KEY_NUMBER,    /* the same for a number */
        KEY_LINES,     /* each line is an item; an empty one forgets those before it, here and below */
        KEY_WORDS,     /* each word of each line is an item, backslashes mean themselves */
        KEY_ESCAPED,   /* each word of each line is an item, with escapes as in command lines */
        KEY_COMMAND,   /* the words of the last line are one value */
        KEY_ENTRY,     /* one word or a JSON array; an empty line is a value, too */
        KEY_ARGUMENTS, /* words that are command line options, see podman-args.h */
        KEY_REFUSED,   /* never supported */
} KeyShape;

typedef struct KeyRow {
        const char *name;
        KeyShape shape;
        size_t field;                   /* offset in the model, as Container */
        ValueParse *parse;              /* NULL where the shape says it all */
        ValueParseNumber *parse_number; /* for KEY_NUMBER */
        const char *refusal;            /* why it is refused; NULL when it is honoured */
        bool is_later;                  /* checked, but not supported yet */
        const char *summary;
} KeyRow;

typedef struct KeySection {
        const char *name;   /* "Container" */
        const KeyRow *rows; /* sorted by name */
        size_t n_rows;
} KeySection;

extern const KeySection container_section;
extern const KeySection slipway_section; /* of .container files */
extern const KeySection image_section;
extern const KeySection build_section;
extern const KeySection pod_section;
extern const KeySection network_section;
extern const KeySection network_slipway_section; /* [Slipway] of .network files */
extern const KeySection volume_section;
extern const KeySection volume_slipway_section; /* [Slipway] of .volume files */
extern const KeySection kube_section;

/* The main section of a type of manifest; NULL for types that are not supported yet. */
const KeySection *keys_of_type(ManifestType type);

/* Return: NULL when there is no such row. */
const KeyRow *key_find(const KeySection *section, const char *name);

/* The name that was probably meant, NULL when none is near. */
const char *key_nearest(const KeySection *section, const char *name);

/* A row a line: type of manifest, section, key, state (yes, later, refused), "repeatable" or "single",
 * summary, with tabs between. */
void keys_print(FILE *stream);
