/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/keys.h"

#include <stdlib.h>
#include <string.h>

#include "lib/nearest.h"

static int compare_name(const void *name, const void *row) {
        return strcmp(name, ((const KeyRow *) row)->name);
}

const KeySection *keys_of_type(ManifestType type) {
        static const KeySection *const sections[_MANIFEST_TYPE_MAX] = {
                [MANIFEST_BUILD] = &build_section,
                [MANIFEST_CONTAINER] = &container_section,
                [MANIFEST_IMAGE] = &image_section,
                [MANIFEST_NETWORK] = &network_section,
                [MANIFEST_POD] = &pod_section,
                [MANIFEST_VOLUME] = &volume_section,
                [MANIFEST_KUBE] = &kube_section,
        };

        return sections[type];
}

const KeyRow *key_find(const KeySection *section, const char *name) {
        return bsearch(name, section->rows, section->n_rows, sizeof(KeyRow), compare_name);
}

const char *key_nearest(const KeySection *section, const char *name) {
        size_t limit = nearest_limit(name) + 1;
        const char *best = NULL;

        for (size_t i = 0; i < section->n_rows; i++) {
                size_t distance = nearest_distance(name, section->rows[i].name);

                if (distance < limit) {
                        limit = distance;
                        best = section->rows[i].name;
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

static void print_section(FILE *stream, ManifestType type, const KeySection *section) {
        for (const KeyRow *row = section->rows; row < section->rows + section->n_rows; row++)
                fprintf(stream, "%s\t%s\t%s\t%s\t%s\t%s\n", manifest_type_to_string(type), section->name,
                                row->name, state(row), repetition(row), row->summary);
}

void keys_print(FILE *stream) {
        for (ManifestType type = 0; type < _MANIFEST_TYPE_MAX; type++) {
                if (keys_of_type(type))
                        print_section(stream, type, keys_of_type(type));
                if (type == MANIFEST_CONTAINER)
                        print_section(stream, type, &slipway_section);
                if (type == MANIFEST_NETWORK)
                        print_section(stream, type, &network_slipway_section);
                if (type == MANIFEST_VOLUME)
                        print_section(stream, type, &volume_slipway_section);
        }
}
