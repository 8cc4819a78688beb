/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/names.h"

#include <stdio.h>
#include <string.h>

enum { LONGEST_UNIT_NAME = 255 };

/* What may stand in the name of a unit, besides the '@' of an instance. */
/* clang-format off */
static const bool letters[256] = {
        ['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true,
        [':'] = true, ['-'] = true, ['_'] = true, ['.'] = true, ['\\'] = true,
};
/* clang-format on */

static bool is_suffix(const char *suffix) {
        static const char *const suffixes[] = { "target", "service", "socket", "mount", "timer", "path",
                "slice", "automount", "device", "swap", "scope" };

        for (size_t i = 0; i < ELEMENTS(suffixes); i++)
                if (strcmp(suffix, suffixes[i]) == 0)
                        return true;
        return false;
}

bool unit_name_is_valid(const char *name, unsigned forms) {
        const char *dot = strrchr(name, '.'), *at = strchr(name, '@');
        UnitForm form = !at ? UNIT_PLAIN : at + 1 == dot ? UNIT_TEMPLATE : UNIT_INSTANCE;

        if (!dot || dot == name || strlen(name) > LONGEST_UNIT_NAME || !is_suffix(dot + 1))
                return false;
        if (at == name || !(forms & form))
                return false;

        /* An instance may have an '@' of its own. */
        for (const char *c = name; *c; c++)
                if (!letters[(unsigned char) *c] && !(*c == '@' && at))
                        return false;
        return true;
}

/* What stands between a stem and its instance, so that a network and a container can share it. */
static const char *infix(ManifestType type) {
        static const char *const infixes[_MANIFEST_TYPE_MAX] = {
                [MANIFEST_ARTIFACT] = "-artifact",
                [MANIFEST_BUILD] = "-build",
                [MANIFEST_CONTAINER] = "",
                [MANIFEST_IMAGE] = "-image",
                [MANIFEST_KUBE] = "",
                [MANIFEST_NETWORK] = "-network",
                [MANIFEST_POD] = "-pod",
                [MANIFEST_VOLUME] = "-volume",
        };

        return infixes[type];
}

char *names_service(Arena *arena, ManifestType type, const char *stem) {
        size_t prefix = strcspn(stem, "@");

        char *service = arena_alloc(arena, strlen(stem) + strlen(infix(type)) + sizeof(".service"));

        if (!service)
                return NULL;
        memcpy(service, stem, prefix);
        (void) stpcpy(stpcpy(stpcpy(service + prefix, infix(type)), stem + prefix), ".service");
        return service;
}

char *names_escape(Arena *arena, const char *service) {
        size_t n = strlen(service), stem = n - strlen(".service");
        char *escaped = arena_alloc(arena, 4 * n + strlen(".service") + 1), *to = escaped;

        if (!escaped)
                return NULL;
        for (size_t i = 0; i < n; i++) {
                char c = service[i];
                bool is_kept = letters[(unsigned char) c] || (c == '@' && i > 0);

                if (is_kept && (stem > 0 || c != '.'))
                        *to++ = c;
                else
                        to += sprintf(to, "\\x%02x", (unsigned char) c);
        }

        /* Without a stem, all that there is becomes one. */
        (void) strcpy(to, stem > 0 ? "" : ".service");
        return escaped;
}

char *names_instantiate(Arena *arena, const char *service, const char *instance) {
        size_t prefix = strcspn(service, "@");

        return arena_format(arena, "%.*s@%s%s", (int) prefix, service, instance, strrchr(service, '.'));
}
