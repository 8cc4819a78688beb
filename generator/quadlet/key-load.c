/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/key-load.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "generator/quadlet/strays.h"
#include "lib/cleanup.h"

KeyState *load_state(KeyLoad *load, const KeyRow *row) {
        const KeySection *main = load->main;

        return row >= main->rows && row < main->rows + main->n_rows ? &load->states[row - main->rows] : NULL;
}

const Assignment *load_given(KeyLoad *load, const char *key) {
        return load_state(load, key_find(load->main, key))->given;
}

int load_fault(KeyLoad *load, const char *key, FaultKind kind, const char *format, ...) {
        const Assignment *line = key ? load_given(load, key) : NULL;
        Place place = line ? assignment_place(line) : manifest_file_place(load->manifest);
        char text[512];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        return faults_raise(load->faults, &place, kind, "%s", text);
}

static void raise_unknown(KeyLoad *load, const KeySection *keys, const Assignment *line) {
        const char *nearest = key_nearest(keys, line->key), *section = stray_in_main(line->key);
        Place place = assignment_key_place(line);

        if (section)
                (void) faults_raise(load->faults, &place, FAULT_UNKNOWN_KEY,
                                "no such key in [%s]; it belongs in [%s]", line->section, section);
        else if (nearest)
                (void) faults_raise(load->faults, &place, FAULT_UNKNOWN_KEY,
                                "no such key in [%s]; did you mean '%s'?", line->section, nearest);
        else
                (void) faults_raise(load->faults, &place, FAULT_UNKNOWN_KEY, "no such key in [%s]",
                                line->section);
}

static int take_line(KeyLoad *load, const KeySection *keys, const Assignment *line) {
        const KeyRow *row = key_find(keys, line->key);

        /* As in systemd: an extension that others read. */
        if (!row && strncmp(line->key, "X-", 2) == 0)
                return 0;
        if (!row) {
                raise_unknown(load, keys, line);
                return 0;
        }

        if (row->shape == KEY_REFUSED) {
                Place place = assignment_place(line);

                if (*line->value)
                        (void) faults_raise(load->faults, &place, FAULT_UNSUPPORTED, "not supported, %s",
                                        row->refusal);
                return 0;
        }
        if (row->shape == KEY_ARGUMENTS) {
                load->has_arguments = true;
                return 0;
        }
        return key_set_line(load, row, line);
}

int load_section(KeyLoad *load, const KeySection *section) {
        const Assignment *line = NULL;

        while ((line = manifest_next(load->manifest, section->name, line))) {
                int r = take_line(load, section, line);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* The place names the key, unless it is asked for by an option of PodmanArgs=. */
void load_raise_later(KeyLoad *load) {
        for (size_t i = 0; i < load->main->n_rows; i++) {
                const KeyState *state = &load->states[i];
                const Place *place = &state->later_place;
                const char *name = load->main->rows[i].name;
                bool is_named = place->key && strcmp(place->key, name) == 0;

                if (state->later)
                        (void) faults_raise(load->faults, place, FAULT_UNSUPPORTED,
                                        "not supported yet%s%s%s%s", is_named ? "" : ": ",
                                        is_named ? "" : name,
                                        !*state->later ? ""
                                        : is_named     ? ": "
                                                       : ", ",
                                        state->later);
        }
}
