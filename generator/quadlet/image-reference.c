/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/image-reference.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generator/references.h"
#include "generator/values/image-name.h"
#include "lib/cleanup.h"

/*
 * What a specifier about the unit's name stands for in @unit, to be written in another unit. Of a template
 * the instance is that of who refers to it. Return: a new string, or NULL for those that cannot be told.
 */
static char *expand_specifier(const char *unit, char specifier) {
        const char *at = strchr(unit, '@'), *dot = strrchr(unit, '.');
        size_t prefix = (size_t) ((at ? at : dot) - unit);
        bool is_template = at && at + 1 == dot;
        char *text = NULL;
        int r = -1;

        if (specifier == 'i' && is_template)
                r = asprintf(&text, "%%i");
        else if (specifier == 'i')
                r = asprintf(&text, "%.*s", at ? (int) (dot - at - 1) : 0, at ? at + 1 : "");
        else if (specifier == 'p')
                r = asprintf(&text, "%.*s", (int) prefix, unit);
        else if (specifier == 'n' || specifier == 'N')
                r = asprintf(&text, "%.*s%s%s", (int) (dot - unit), unit, is_template ? "%i" : "",
                                specifier == 'n' ? dot : "");
        return r < 0 ? NULL : text;
}

/* @text as it reads in @unit. Return: 0; -EINVAL with the specifier in @ret_odd; -ENOMEM. */
static int expand(const char *text, const char *unit, char **ret, char *ret_odd) {
        autofree char *expanded = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&expanded, &size);

        if (!stream)
                return -ENOMEM;
        for (; *text; text++) {
                autofree char *value = NULL;

                if (*text != '%' || !text[1] || !strchr("ipnNIPjJfy", text[1])) {
                        (void) fputc(*text, stream);
                        if (text[0] == '%' && text[1] == '%')
                                (void) fputc(*++text, stream);
                        continue;
                }
                value = expand_specifier(unit, *++text);
                if (!value) {
                        (void) fclose(stream);
                        *ret_odd = *text;
                        return -EINVAL;
                }
                (void) fputs(value, stream);
        }
        if (fclose(stream) != 0)
                return -ENOMEM;
        *ret = TAKE(expanded);
        return 0;
}

/* One pair of quotes around the whole is taken off, as when the manifest itself is read. */
static int read_value(const Assignment *a, ValueParse *parse, char **ret, Fault *fault) {
        size_t n = strlen(a->value);
        bool is_quoted = n >= 2 && a->value[0] == '"' && a->value[n - 1] == '"';
        autofree char *text = strndup(a->value + is_quoted, n - 2 * is_quoted);
        Value value = { .text = text };

        return text ? parse(&value, ret, fault) : -ENOMEM;
}

/* What the manifest says that its image is called, as it stands there. */
static int read_name(KeyLoad *load, const Manifest *manifest, char **ret) {
        const Assignment *tag = manifest_last(manifest, "Image", "ImageTag"),
                         *image = manifest_last(manifest, "Image", "Image");
        autofree char *name = NULL;
        Fault fault = {};
        int r;

        if (!image || !*image->value)
                return load_fault(load, "Image", FAULT_MISSING, "'%s' does not say which image it is about",
                                manifest->name);
        if (tag && *tag->value)
                r = read_value(tag, image_name_parse_tag, &name, &fault);
        else
                r = read_value(image, image_name_parse_source, &name, &fault);
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return load_fault(load, "Image", fault.kind, "in '%s': %s", manifest->name, fault.text);
        if (image_name_has_transport(name))
                return load_fault(load, "Image", FAULT_VALUE,
                                "'%s' fetches what has no name yet: set ImageTag= there to what the image "
                                "is "
                                "called",
                                manifest->name);
        *ret = TAKE(name);
        return 0;
}

static int resolve(KeyLoad *load, const char *name, const Manifest *manifest, const char *service) {
        Container *container = load->container;
        autofree char *text = NULL;
        char odd = '\0';
        int r = read_name(load, manifest, &text);

        if (r < 0)
                return r;
        if (strstr(service, "@.") && !manifest_is_templated(load->manifest))
                return load_fault(load, "Image", FAULT_VALUE,
                                "'%s' is a template: name an instance of it, as '%.*s@1.image'", name,
                                (int) strcspn(name, "@"), name);

        free(container->image);
        container->image = NULL;
        r = expand(text, service, &container->image, &odd);
        if (r == -EINVAL)
                return load_fault(load, "Image", FAULT_VALUE,
                                "'%%%c' in '%s' means something else in this unit; of the names of a unit, "
                                "%%i, %%p, %%n and %%N are understood",
                                odd, name);
        if (r < 0)
                return r;
        container->image_service = strdup(service);
        return container->image_service ? 0 : -ENOMEM;
}

int image_reference_resolve(KeyLoad *load) {
        AUTO(arena_freep) Arena *arena = NULL;
        autofree char *name = NULL;
        const Manifest *manifest;
        const char *service;
        int r;

        if (!load->container->image || !image_name_is_unit(load->container->image))
                return 0;
        arena = arena_new();
        name = strdup(load->container->image);
        if (!arena || !name)
                return -ENOMEM;

        r = reference_find(load->all, name, arena, &manifest, &service);
        if (r == -ENOENT) {
                (void) load_fault(load, "Image", FAULT_MISSING, "there is no manifest '%s'", name);
                return 0;
        }
        if (r >= 0)
                r = resolve(load, name, manifest, service);
        return r == -ENOMEM ? r : 0;
}
