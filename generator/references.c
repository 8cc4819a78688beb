/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/references.h"

#include <string.h>

#include "generator/names.h"

int reference_find(const ManifestSet *all, const char *name, Arena *arena, const Manifest **ret,
                const char **ret_service) {
        const char *at = strchr(name, '@'), *dot = strrchr(name, '.');
        const Manifest *manifest = manifest_find(all, name);
        char *template, *instance;

        if (manifest) {
                *ret = manifest;
                *ret_service = manifest->service;
                return 0;
        }
        if (!at || at > dot || at + 1 == dot)
                return -ENOENT;

        template = arena_format(arena, "%.*s@%s", (int) (at - name), name, dot);
        instance = arena_copy(arena, at + 1, (size_t) (dot - at - 1));
        if (!template || !instance)
                return -ENOMEM;
        manifest = manifest_find(all, template);
        if (!manifest)
                return -ENOENT;

        *ret = manifest;
        *ret_service = names_instantiate(arena, manifest->service, instance);
        return *ret_service ? 0 : -ENOMEM;
}

int reference_resolve(const ManifestSet *all, const char *word, Arena *arena, const char **ret) {
        const Manifest *manifest;
        int r;

        *ret = word;
        if (manifest_type_from_name(word) < 0)
                return 0;
        r = reference_find(all, word, arena, &manifest, ret);
        return r < 0 ? r : 1;
}
