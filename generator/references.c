/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/references.h"

#include <string.h>

#include "generator/names.h"

int reference_resolve(const ManifestSet *all, const char *word, Arena *arena, const char **ret) {
        const char *at = strchr(word, '@'), *dot = strrchr(word, '.');
        const Manifest *manifest;
        char *template, *instance;

        *ret = word;
        if (manifest_type_from_name(word) < 0)
                return 0;

        manifest = manifest_find(all, word);
        if (manifest) {
                *ret = manifest->service;
                return 1;
        }
        if (!at || at > dot || at + 1 == dot)
                return -ENOENT;

        template = arena_format(arena, "%.*s@%s", (int) (at - word), word, dot);
        instance = arena_copy(arena, at + 1, (size_t) (dot - at - 1));
        if (!template || !instance)
                return -ENOMEM;
        manifest = manifest_find(all, template);
        if (!manifest)
                return -ENOENT;

        *ret = names_instantiate(arena, manifest->service, instance);
        return *ret ? 1 : -ENOMEM;
}
