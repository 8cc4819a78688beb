/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/container-load.h"
#include "generator/quadlet/volume-reference.h"
#include "generator/references.h"
#include "generator/words.h"
#include "lib/cleanup.h"
#include "lib/json-words.h"
#include "lib/strv.h"

static void *field_of(KeyLoad *load, const KeyRow *row) {
        return (char *) load->model + row->field;
}

/* Which of the units an item has asked for is not known any more: none is left when no item is. */
static void forget_services(KeyLoad *load, const KeyRow *row) {
        Container *container = load->container;

        if (!container || !volume_reference_is_in(row) || container->volume || container->mount)
                return;
        strv_free(container->needs);
        container->needs = NULL;
}

void key_reset(KeyLoad *load, const KeyRow *row) {
        KeyState *state = load_state(load, row);
        void *field = field_of(load, row);

        if (state)
                *state = (KeyState){};

        switch (row->shape) {

        case KEY_TEXT:
                free(*(char **) field);
                *(char **) field = NULL;
                break;

        case KEY_CHOICE:
                *(Choice *) field = CHOICE_OPEN;
                break;

        case KEY_NUMBER:
                *(int64_t *) field = 0;
                break;

        case KEY_LINES:
        case KEY_WORDS:
        case KEY_ESCAPED:
        case KEY_COMMAND:
        case KEY_ENTRY:
                strv_free(*(char ***) field);
                *(char ***) field = NULL;
                forget_services(load, row);
                break;

        case KEY_ARGUMENTS:
        case KEY_REFUSED:
                break;
        }
}

static bool is_list(const KeyRow *row) {
        return row->shape == KEY_LINES || row->shape == KEY_WORDS || row->shape == KEY_ESCAPED;
}

/* "\;" is a ';' for systemd, where a ';' alone would begin another command. People write it for find(1). */
static bool is_semicolon(const WordReader *reader) {
        return reader->at - reader->start == 2 && strncmp(reader->start, "\\;", 2) == 0;
}

/* A whole command: its words come one by one so that an odd escape can be told. */
static int set_command(KeyLoad *load, char ***words, const char *text, const Place *place, Fault *fault) {
        WordReader reader = { .at = text };
        autofree char *word = malloc(strlen(text) + 1);
        const char *odd = NULL;
        int r;

        if (!word)
                return -ENOMEM;
        while ((r = word_next(&reader, word, fault)) > 0) {
                if (is_semicolon(&reader)) {
                        (void) strcpy(word, ";");
                        reader.odd_escape = odd;
                }
                odd = reader.odd_escape;
                if (strv_append(words, word) < 0)
                        return -ENOMEM;
        }

        if (r == 0 && odd)
                faults_warn(load->faults, place, FAULT_SYNTAX,
                                "unsupported escape char in '%.2s': the backslash is kept as it is", odd);
        return r;
}

static int set_entry(char ***words, const char *text, Fault *fault) {
        int r;

        if (*text == '[')
                return json_words_parse(text, words, fault);

        if (!*text) {
                *words = calloc(1, sizeof(char *));
                return *words ? 0 : -ENOMEM;
        }

        r = words_split(text, WORDS_ESCAPES, words, fault);
        if (r == 0 && strv_length(*words) > 1)
                return value_wrong(fault, text,
                                "one word; write several as a JSON array: [\"/bin/sh\", \"-c\"]");
        return r;
}

static int set_choice(Choice *choice, Value *value, Fault *fault) {
        bool yes;

        if (boolean_parse(value->text, &yes) < 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "'%s' is neither yes nor no", value->text);
        *choice = yes ? CHOICE_YES : CHOICE_NO;
        value->is_harmless = !yes;
        return 0;
}

static int set_field(KeyLoad *load, const KeyRow *row, Value *value, const Place *place, Fault *fault) {
        void *field = field_of(load, row);
        char *text = NULL;
        int r;

        switch (row->shape) {

        case KEY_CHOICE:
                return set_choice(field, value, fault);

        case KEY_NUMBER:
                return row->parse_number(value, field, fault);

        case KEY_COMMAND:
                return set_command(load, field, value->text, place, fault);

        case KEY_ENTRY:
                return set_entry(field, value->text, fault);

        case KEY_TEXT:
        case KEY_LINES:
        case KEY_WORDS:
        case KEY_ESCAPED:
                r = row->parse(value, &text, fault);
                if (r < 0)
                        return r;
                if (is_list(row))
                        return strv_take(field, text);
                *(char **) field = text;
                return 0;

        case KEY_ARGUMENTS:
        case KEY_REFUSED:
                break;
        }
        return 0;
}

/* Whether the manifest is there of which a value speaks. */
static bool has_reference(KeyLoad *load, const Value *value, const Place *place) {
        AUTO(arena_freep) Arena *arena = NULL;
        const Manifest *manifest;
        const char *service;

        if (!*value->reference || manifest_find(load->all, value->reference))
                return true;
        /* An instance is there when its template is. */
        arena = arena_new();
        if (arena && reference_find(load->all, value->reference, arena, &manifest, &service) >= 0)
                return true;
        (void) faults_raise(
                        load->faults, place, FAULT_MISSING, "there is no manifest '%s'", value->reference);
        return false;
}

static void note_later(KeyLoad *load, const KeyRow *row, const Value *value, const Place *place) {
        KeyState *state = load_state(load, row);

        if (!state || state->later || (!value->later && (!row->is_later || value->is_harmless)))
                return;
        state->later = value->later ? value->later : "";
        state->later_place = *place;
}

int key_set_item(KeyLoad *load, const KeyRow *row, const Assignment *line, const char *text,
                const Place *place) {
        Value value = { .text = text, .directory = load->manifest->directory };
        KeyState *state;
        Fault fault = {};
        int r;

        if (!is_list(row))
                key_reset(load, row);

        r = set_field(load, row, &value, place, &fault);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                (void) faults_raise(load->faults, place, fault.kind, "%s", fault.text);
                if (row->shape == KEY_COMMAND || row->shape == KEY_ENTRY)
                        key_reset(load, row);
        }

        /* Also when the value is wrong: whoever gave it meant to give one. */
        state = load_state(load, row);
        if (state)
                state->given = line;
        if (r < 0)
                return 0;

        if (is_list(row) && load->container)
                mount_targets_check(load, row, place);
        if (load->container && volume_reference_is_in(row)) {
                note_later(load, row, &value, place);
                return volume_reference_resolve(load, row, place);
        }
        if (has_reference(load, &value, place))
                note_later(load, row, &value, place);
        return 0;
}

static int set_words(KeyLoad *load, const KeyRow *row, const Assignment *line) {
        WordReader reader = {
                .at = line->value,
                .flags = row->shape == KEY_WORDS ? WORDS_LITERAL_BACKSLASH : WORDS_ESCAPES,
        };
        autofree char *word = malloc(strlen(line->value) + 1);
        const char *odd = NULL;
        Fault fault = {};
        int r;

        if (!word)
                return -ENOMEM;

        for (;;) {
                Place place;

                r = word_next(&reader, word, &fault);
                if (r <= 0)
                        break;
                place = manifest_place(load->manifest, line, reader.start);
                if (reader.odd_escape && reader.odd_escape != odd) {
                        odd = reader.odd_escape;
                        faults_warn(load->faults, &place, FAULT_SYNTAX,
                                        "unsupported escape char in '%.2s': the backslash is kept as it is",
                                        odd);
                }
                r = key_set_item(load, row, line, word, &place);
                if (r < 0)
                        return r;
        }

        if (r < 0) {
                Place place = assignment_place(line);

                (void) faults_raise(load->faults, &place, fault.kind, "%s", fault.text);
        }
        return 0;
}

/* One pair of quotes around the whole of a single value is taken off. */
static int set_quoted(KeyLoad *load, const KeyRow *row, const Assignment *line) {
        size_t n = strlen(line->value);
        Place place = assignment_place(line);
        autofree char *inner = NULL;

        if (n < 2 || line->value[0] != '"' || line->value[n - 1] != '"')
                return key_set_item(load, row, line, line->value, &place);

        inner = strndup(line->value + 1, n - 2);
        return inner ? key_set_item(load, row, line, inner, &place) : -ENOMEM;
}

int key_set_line(KeyLoad *load, const KeyRow *row, const Assignment *line) {
        Place place;

        if (!*line->value && row->shape != KEY_ENTRY) {
                key_reset(load, row);
                return 0;
        }

        switch (row->shape) {

        case KEY_WORDS:
        case KEY_ESCAPED:
                return set_words(load, row, line);

        case KEY_TEXT:
        case KEY_CHOICE:
        case KEY_NUMBER:
                return set_quoted(load, row, line);

        default:
                place = assignment_place(line);
                return key_set_item(load, row, line, line->value, &place);
        }
}
