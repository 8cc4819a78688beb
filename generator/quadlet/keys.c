/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/keys.h"

#include <stdlib.h>
#include <string.h>

#include "lib/nearest.h"

static int compare_name(const void *name, const void *row) {
        return strcmp(name, ((const KeyRow *) row)->name);
}

const KeyRow *key_find(const KeyRow *rows, size_t n_rows, const char *name) {
        return bsearch(name, rows, n_rows, sizeof(*rows), compare_name);
}

const char *key_nearest(const KeyRow *rows, size_t n_rows, const char *name) {
        size_t limit = nearest_limit(name) + 1;
        const char *best = NULL;

        for (size_t i = 0; i < n_rows; i++) {
                size_t distance = nearest_distance(name, rows[i].name);

                if (distance < limit) {
                        limit = distance;
                        best = rows[i].name;
                }
        }
        return best;
}

static const char *state(const KeyRow *row) {
        return row->refusal ? "refused" : row->is_later ? "later" : "yes";
}

static const char *repetition(const KeyRow *row) {
        switch (row->shape) {

        case KEY_LINES:
        case KEY_WORDS:
        case KEY_ESCAPED:
        case KEY_ARGUMENTS:
                return "repeatable";

        default:
                return "single";
        }
}

static void print_section(FILE *stream, const char *section, const KeyRow *rows, size_t n_rows) {
        for (const KeyRow *row = rows; row < rows + n_rows; row++)
                fprintf(stream, "%s\t%s\t%s\t%s\t%s\n", section, row->name, state(row), repetition(row),
                                row->summary);
}

void keys_print(FILE *stream) {
        print_section(stream, "Container", container_keys, n_container_keys);
        print_section(stream, "Slipway", slipway_keys, n_slipway_keys);
}
