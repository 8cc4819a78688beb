/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/image-reference.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/other-manifest.h"
#include "generator/values/image-name.h"
#include "lib/cleanup.h"

/* One pair of quotes around the whole is taken off, as when the manifest itself is read. */
static int read_value(const Assignment *a, ValueParse *parse, char **ret, Fault *fault) {
        size_t n = strlen(a->value);
        bool is_quoted = n >= 2 && a->value[0] == '"' && a->value[n - 1] == '"';
        autofree char *text = strndup(a->value + is_quoted, n - 2 * is_quoted);
        Value value = { .text = text };

        return text ? parse(&value, ret, fault) : -ENOMEM;
}

/* The first name of what is built, of those after an empty one that takes all back. */
static const Assignment *first_tag(const Manifest *manifest) {
        const Assignment *first = NULL;

        for (const Assignment *a = NULL; (a = manifest_next(manifest, "Build", a));)
                if (strcmp(a->key, "ImageTag") == 0)
                        first = !*a->value ? NULL : first ? first : a;
        return first;
}

static int read_built(KeyLoad *load, const Place *place, const Manifest *manifest, char **ret) {
        const Assignment *tag = first_tag(manifest);
        Value value = { .text = tag ? tag->value : "" };
        Fault fault = {};
        int r;

        if (!tag)
                return faults_raise(load->faults, place, FAULT_MISSING,
                                "'%s' does not say what its image is called: set ImageTag= there",
                                manifest->name);
        r = image_name_parse_tag(&value, ret, &fault);
        if (r >= 0 || r == -ENOMEM)
                return r;
        return faults_raise(load->faults, place, fault.kind, "in '%s': %s", manifest->name, fault.text);
}

/* What the manifest says that its image is called, as it stands there. */
static int read_name(KeyLoad *load, const Place *place, const Manifest *manifest, char **ret) {
        const Assignment *tag = manifest_last(manifest, "Image", "ImageTag"),
                         *image = manifest_last(manifest, "Image", "Image");
        autofree char *name = NULL;
        Fault fault = {};
        int r;

        if (!image || !*image->value)
                return faults_raise(load->faults, place, FAULT_MISSING,
                                "'%s' does not say which image it is about: set Image= there",
                                manifest->name);
        if (tag && *tag->value)
                r = read_value(tag, image_name_parse_tag, &name, &fault);
        else
                r = read_value(image, image_name_parse_source, &name, &fault);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return faults_raise(
                                load->faults, place, fault.kind, "in '%s': %s", manifest->name, fault.text);
        if (image_name_has_transport(name))
                return faults_raise(load->faults, place, FAULT_VALUE,
                                "'%s' fetches what has no name yet: set ImageTag= there to what the image "
                                "is called",
                                manifest->name);
        *ret = TAKE(name);
        return 0;
}

static int resolve(KeyLoad *load, const Place *place, const OtherManifest *other, char **image,
                char **image_service) {
        autofree char *text = NULL, *expanded = NULL;
        int r = other->manifest->type == MANIFEST_BUILD ? read_built(load, place, other->manifest, &text)
                                                        : read_name(load, place, other->manifest, &text);

        if (r >= 0)
                r = other_expand(load, place, other, text, &expanded);
        if (r <= 0)
                return r;
        *image_service = strdup(other->service);
        if (!*image_service)
                return -ENOMEM;
        free(*image);
        *image = TAKE(expanded);
        return 0;
}

int image_reference_resolve(KeyLoad *load, const Place *place, char **image, char **image_service) {
        AUTO(arena_freep) Arena *arena = NULL;
        autofree char *name = NULL;
        OtherManifest other;
        int r;

        if (!*image || !image_name_is_unit(*image))
                return 0;
        arena = arena_new();
        name = strdup(*image);
        if (!arena || !name)
                return -ENOMEM;

        r = other_find(load, place, name, arena, &other);
        if (r > 0)
                r = resolve(load, place, &other, image, image_service);
        return r == -ENOMEM ? r : 0;
}
