/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/volume-reference.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/image-reference.h"
#include "generator/quadlet/other-manifest.h"
#include "generator/values/image-name.h"
#include "generator/values/volume.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

/* Where in an item the volume or the image is named. */
typedef struct Span {
        size_t at, n; /* nothing is named when @n is 0 */
        bool is_image;
} Span;

bool volume_reference_is_in(const KeyRow *row) {
        return row->field == offsetof(Container, volume) || row->field == offsetof(Container, mount);
}

static Span find_in_volume(const char *item) {
        const char *colon = value_find_colon((char *) item);

        return (Span){ .n = colon ? (size_t) (colon - item) : 0 };
}

static Span find_in_mount(const char *item) {
        bool is_image = strncmp(item, "type=image,", 11) == 0;
        const char *source = strstr(item, ",source=");

        if (!source || (!is_image && strncmp(item, "type=volume,", 12) != 0))
                return (Span){};
        source += strlen(",source=");
        return (Span){ (size_t) (source - item), strcspn(source, ","), is_image };
}

static int replace(char **item, Span span, const char *name) {
        char *text;

        if (asprintf(&text, "%.*s%s%s", (int) span.at, *item, name, *item + span.at + span.n) < 0)
                return -ENOMEM;
        free(*item);
        *item = text;
        return 0;
}

static int need(KeyLoad *load, const char *service) {
        char ***needs = &load->container->needs;

        return strv_find(*needs, service) ? 0 : strv_append(needs, service);
}

/* "x.volume". Return: 1, 0 when there was a fault, -ENOMEM. */
static int take_unit(KeyLoad *load, const char *file, const Place *place, char **ret) {
        AUTO(arena_freep) Arena *arena = arena_new();
        OtherManifest other;
        int r = arena ? other_find(load, place, file, arena, &other) : -ENOMEM;

        if (r > 0)
                r = other_name_here(load, place, &other, ret);
        if (r <= 0)
                return r;
        r = need(load, other.service);
        return r < 0 ? r : 1;
}

/* A volume by its own name: whether there is a manifest of it is not required, but of use. */
static int look_for_unit(KeyLoad *load, const char *name) {
        const Manifest *manifest = other_find_named(load->all, MANIFEST_VOLUME, name);

        return manifest ? need(load, manifest->service) : 0;
}

/* "x.image" */
static int take_image(KeyLoad *load, const Place *place, char **name) {
        autofree char *service = NULL;
        int r;

        if (!image_name_is_unit(*name))
                return 0;
        r = image_reference_resolve(load, place, name, &service);
        return r < 0 || !service ? r : need(load, service);
}

static int resolve(KeyLoad *load, char **item, Span span, const Place *place) {
        autofree char *source = span.n > 0 ? strndup(*item + span.at, span.n) : NULL, *name = NULL;
        int r;

        if (span.n == 0)
                return 0;
        if (!source)
                return -ENOMEM;
        if (span.is_image) {
                r = take_image(load, place, &source);
                return r < 0 ? r : replace(item, span, source);
        }
        if (!volume_name_is_unit(source))
                return *source == '/' || value_is_dynamic(source) ? 0 : look_for_unit(load, source);

        r = take_unit(load, source, place, &name);
        return r <= 0 ? r : replace(item, span, name);
}

int volume_reference_resolve(KeyLoad *load, const KeyRow *row, const Place *place) {
        char **list = *(char ***) ((char *) load->container + row->field);
        char **item = list + strv_length(list) - 1;
        bool is_volume = row->field == offsetof(Container, volume);

        return resolve(load, item, is_volume ? find_in_volume(*item) : find_in_mount(*item), place);
}

int volume_reference_resolve_volume(KeyLoad *load, char **item, const Place *place) {
        return resolve(load, item, find_in_volume(*item), place);
}
