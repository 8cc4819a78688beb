/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/syntax.h"

/* clang-format off */
static const struct {
        const char *extension, *section;
} types[_MANIFEST_TYPE_MAX] = {
        [MANIFEST_ARTIFACT]  = { "artifact",  "Artifact"  },
        [MANIFEST_BUILD]     = { "build",     "Build"     },
        [MANIFEST_CONTAINER] = { "container", "Container" },
        [MANIFEST_IMAGE]     = { "image",     "Image"     },
        [MANIFEST_KUBE]      = { "kube",      "Kube"      },
        [MANIFEST_NETWORK]   = { "network",   "Network"   },
        [MANIFEST_POD]       = { "pod",       "Pod"       },
        [MANIFEST_VOLUME]    = { "volume",    "Volume"    },
};
/* clang-format on */

ManifestType manifest_type_from_name(const char *name) {
        const char *dot = strrchr(name, '.');

        for (ManifestType type = 0; dot && type < _MANIFEST_TYPE_MAX; type++)
                if (dot[1] == *types[type].extension && strcmp(dot + 1, types[type].extension) == 0)
                        return type;
        return _MANIFEST_TYPE_INVALID;
}

const char *manifest_type_to_string(ManifestType type) {
        return types[type].extension;
}

const char *manifest_type_section(ManifestType type) {
        return types[type].section;
}

/* Assignments below one header share its name, so that only the first of them has to be compared. */
const Assignment *manifest_next(const Manifest *manifest, const char *section, const Assignment *previous) {
        /* Nothing may be added to what is not there, not even nothing. */
        const Assignment *end =
                        manifest->assignments ? manifest->assignments + manifest->n_assignments : NULL;
        const char *same = previous ? previous->section : NULL, *other = NULL;

        for (const Assignment *a = previous ? previous + 1 : manifest->assignments; a < end; a++) {
                if (a->section == same)
                        return a;
                if (a->section == other)
                        continue;
                if (strcmp(a->section, section) == 0)
                        return a;
                other = a->section;
        }
        return NULL;
}

const Assignment *manifest_last(const Manifest *manifest, const char *section, const char *key) {
        for (size_t i = manifest->n_assignments; i-- > 0;) {
                const Assignment *a = &manifest->assignments[i];

                /* Most keys differ in their first byte. */
                if (*a->key == *key && strcmp(a->key, key) == 0 && strcmp(a->section, section) == 0)
                        return a;
        }
        return NULL;
}

Place assignment_place(const Assignment *assignment) {
        return (Place){
                .path = assignment->path,
                .line = assignment->line,
                .column = assignment->column,
                .key = assignment->field ? assignment->field : assignment->key,
                .is_field = assignment->field,
        };
}

Place assignment_key_place(const Assignment *assignment) {
        return (Place){
                .path = assignment->path,
                .line = assignment->key_line,
                .column = assignment->key_column,
                .key = assignment->field ? assignment->field : assignment->key,
                .is_field = assignment->field,
        };
}

Place manifest_place(const Manifest *manifest, const Assignment *assignment, const char *at) {
        Place place;

        /* The value is not what is in the file. */
        if (assignment->field)
                return assignment_place(assignment);
        place = syntax_place(manifest->joints, manifest->n_joints, assignment->value, assignment->line,
                        assignment->column, at);
        place.path = assignment->path;
        place.key = assignment->key;
        return place;
}

Place manifest_file_place(const Manifest *manifest) {
        return manifest->parent ? manifest->origin : (Place){ .path = manifest->path };
}

bool manifest_is_template(const Manifest *manifest) {
        return strstr(manifest->service, "@.") == strchr(manifest->service, '@') &&
               manifest_is_templated(manifest);
}

bool manifest_is_templated(const Manifest *manifest) {
        return strchr(manifest->service, '@') != NULL;
}

static int compare_name(const void *name, const void *manifest) {
        return strcmp(name, (*(Manifest *const *) manifest)->name);
}

const Manifest *manifest_find(const ManifestSet *set, const char *name) {
        Manifest *const *found = set->n_manifests > 0 ? bsearch(name, set->manifests, set->n_manifests,
                                                                        sizeof(Manifest *), compare_name)
                                                      : NULL;

        return found && !(*found)->is_masked ? *found : NULL;
}
