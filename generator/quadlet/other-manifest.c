/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/other-manifest.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generator/references.h"
#include "lib/cleanup.h"

int other_find(KeyLoad *load, const Place *place, const char *name, Arena *arena, OtherManifest *ret) {
        int r;

        *ret = (OtherManifest){ .name = name };
        r = reference_find(load->all, name, arena, &ret->manifest, &ret->service);
        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                (void) faults_raise(load->faults, place, FAULT_MISSING, "there is no manifest '%s'", name);
                return 0;
        }
        if (strstr(ret->service, "@.") && !manifest_is_templated(load->manifest)) {
                (void) faults_raise(load->faults, place, FAULT_VALUE,
                                "'%s' is a template: name an instance of it, as '%.*s@1.%s'", name,
                                (int) strcspn(name, "@"), name,
                                manifest_type_to_string(ret->manifest->type));
                return 0;
        }
        if (ret->manifest == load->manifest) {
                (void) faults_raise(load->faults, place, FAULT_CONFLICT, "'%s' cannot name itself", name);
                return 0;
        }
        return 1;
}

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

int other_expand(KeyLoad *load, const Place *place, const OtherManifest *other, const char *text,
                char **ret) {
        char odd = '\0';
        int r = expand(text, other->service, ret, &odd);

        if (r != -EINVAL)
                return r < 0 ? r : 1;
        (void) faults_raise(load->faults, place, FAULT_VALUE,
                        "'%%%c' in '%s' means something else in this unit; of the names of a unit, %%i, "
                        "%%p, %%n and %%N are understood",
                        odd, other->name);
        return 0;
}

/* One pair of quotes around the whole is taken off, as when the manifest itself is read. */
static int read_name(const Assignment *a, char **ret, Fault *fault) {
        size_t n = strlen(a->value);
        bool is_quoted = n >= 2 && a->value[0] == '"' && a->value[n - 1] == '"';
        autofree char *text = strndup(a->value + is_quoted, n - 2 * is_quoted);

        return text ? value_parse_name(&(Value){ .text = text }, ret, fault) : -ENOMEM;
}

/* "web@1" has a prefix and an instance, which systemd knows; "web" is simply that. */
static int name_container(const Manifest *manifest, char **ret) {
        const char *service = manifest->service;

        if (strchr(service, '@'))
                return value_copy("%p_%i", ret);
        *ret = strndup(service, strlen(service) - strlen(".service"));
        return *ret ? 0 : -ENOMEM;
}

/* As Podman's generator names what has no name; "slipway" is that of the default network. */
static int name_other(const Manifest *manifest, char **ret) {
        const char *stem = manifest->stem;

        if (manifest->type == MANIFEST_NETWORK && strcmp(stem, "slipway") == 0)
                return value_copy(stem, ret);
        if (strchr(stem, '@'))
                return value_printf(ret, "systemd-%.*s-%%i", (int) strcspn(stem, "@"), stem);
        return value_printf(ret, "systemd-%s", stem);
}

static const char *name_key(ManifestType type) {
        static const char *const keys[_MANIFEST_TYPE_MAX] = {
                [MANIFEST_CONTAINER] = "ContainerName",
                [MANIFEST_NETWORK] = "NetworkName",
                [MANIFEST_POD] = "PodName",
                [MANIFEST_VOLUME] = "VolumeName",
        };

        return keys[type];
}

int other_name(const Manifest *manifest, char **ret, Fault *fault) {
        const char *key = name_key(manifest->type);
        const Assignment *a = manifest_last(manifest, manifest_type_section(manifest->type), key);
        autofree char *name = NULL;
        int r;

        if (a && *a->value)
                return read_name(a, ret, fault);
        r = manifest->type == MANIFEST_CONTAINER ? name_container(manifest, &name)
                                                 : name_other(manifest, &name);
        if (r < 0)
                return r;
        if (!value_is_dynamic(name) && !value_is_name(name, 64))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' cannot name a %s: 1 to 64 of a-z, A-Z, 0-9, '_', '.' and '-'; set %s=",
                                name, manifest_type_to_string(manifest->type), key);
        *ret = TAKE(name);
        return 0;
}

int other_default_name(KeyLoad *load, char **name) {
        Fault fault = {};
        int r;

        if (*name || load_given(load, name_key(load->manifest->type)))
                return 0;
        r = other_name(load->manifest, name, &fault);
        if (r < 0 && r != -ENOMEM)
                (void) load_fault(load, NULL, fault.kind, "%s", fault.text);
        return r == -ENOMEM ? r : 0;
}

int other_name_here(KeyLoad *load, const Place *place, const OtherManifest *other, char **ret) {
        autofree char *name = NULL;
        Fault fault = {};
        int r = other_name(other->manifest, &name, &fault);

        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                (void) faults_raise(load->faults, place, fault.kind, "in '%s': %s", other->name, fault.text);
                return 0;
        }
        return other_expand(load, place, other, name, ret);
}

const Manifest *other_find_named(const ManifestSet *all, ManifestType type, const char *name) {
        const Manifest *found = NULL;

        for (size_t i = all->at[type]; i < all->at[type + 1] && !found; i++) {
                const Manifest *manifest = all->typed[i];
                autofree char *own = NULL;

                if (!manifest->is_masked && other_name(manifest, &own, NULL) >= 0 && strcmp(own, name) == 0)
                        found = manifest;
        }
        return found;
}

Place other_place(KeyLoad *load, const char *key, const char *text) {
        const Assignment *line = NULL, *found = load_given(load, key);
        size_t n = strlen(text);

        while ((line = manifest_next(load->manifest, load->main->name, line)))
                if (strcmp(line->key, key) == 0 &&
                                strncmp(line->value + (*line->value == '"'), text, n) == 0)
                        found = line;
        return found ? assignment_place(found) : manifest_file_place(load->manifest);
}
