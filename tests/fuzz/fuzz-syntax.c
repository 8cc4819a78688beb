/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Any bytes as a manifest: every place has to be inside of them, every word no longer than its value. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/syntax.h"
#include "generator/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds) {
        if (!holds)
                abort();
}

static void read_words(const Syntax *syntax, const Assignment *a, WordFlags flags) {
        WordReader reader = { .at = a->value, .flags = flags };
        size_t n = strlen(a->value);
        char *word = malloc(n + 1);

        require(word != NULL);
        while (word_next(&reader, word, NULL) > 0) {
                Place place = syntax_place(syntax->joints, syntax->n_joints, a->value, a->line, a->column,
                                reader.start);

                require(reader.start >= a->value && reader.start < a->value + n);
                require(place.line >= a->line);
                require(strlen(word) <= n);
        }
        free(word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        AUTO(faults_done) FaultList faults = {};
        AUTO(syntax_done) Syntax syntax = {};
        char *text = malloc(size + 1);
        unsigned lines = 1;

        require(text != NULL);
        memcpy(text, data, size);
        text[size] = '\0';
        for (size_t i = 0; i < size; i++)
                lines += data[i] == '\n' || data[i] == '\r';

        require(syntax_read(&syntax, "fuzz", text, size, &faults) == 0);
        for (size_t i = 0; i < syntax.n_assignments; i++) {
                const Assignment *a = &syntax.assignments[i];

                require(*a->section && *a->key && a->line >= 1 && a->line <= lines &&
                                a->key_line <= a->line);
                require(!strpbrk(a->value, "\r\n") && !strpbrk(a->key, "\r\n"));
                read_words(&syntax, a, WORDS_ESCAPES);
                read_words(&syntax, a, WORDS_LITERAL_BACKSLASH);
        }
        for (size_t i = 0; i < faults.n_entries; i++)
                require(faults.entries[i].fault.line <= lines);

        free(text);
        return 0;
}
