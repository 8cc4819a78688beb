/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/quadlet/container-load.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "generator/quadlet/strays.h"
#include "lib/cleanup.h"

KeyState *load_state(ContainerLoad *load, const KeyRow *row) {
        return row >= container_keys && row < container_keys + n_container_keys
                               ? &load->states[row - container_keys]
                               : NULL;
}

const Assignment *load_given(ContainerLoad *load, const char *key) {
        return load_state(load, key_find(container_keys, n_container_keys, key))->given;
}

int load_fault(ContainerLoad *load, const char *key, FaultKind kind, const char *format, ...) {
        const Assignment *line = key ? load_given(load, key) : NULL;
        Place place = line ? assignment_place(line) : manifest_file_place(load->manifest);
        char text[512];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);
        return faults_raise(load->faults, &place, kind, "%s", text);
}

static void raise_unknown(ContainerLoad *load, const KeyRow *rows, size_t n_rows, const Assignment *line) {
        const char *nearest = key_nearest(rows, n_rows, line->key), *section = stray_in_container(line->key);
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

static int take_line(ContainerLoad *load, const KeyRow *rows, size_t n_rows, const Assignment *line) {
        const KeyRow *row = key_find(rows, n_rows, line->key);

        /* As in systemd: an extension that others read. */
        if (!row && strncmp(line->key, "X-", 2) == 0)
                return 0;
        if (!row) {
                raise_unknown(load, rows, n_rows, line);
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

static int take_section(ContainerLoad *load, const char *section, const KeyRow *rows, size_t n_rows) {
        const Assignment *line = NULL;

        while ((line = manifest_next(load->manifest, section, line))) {
                int r = take_line(load, rows, n_rows, line);

                if (r < 0)
                        return r;
        }
        return 0;
}

/* What may do until then. */
static const char *instead_of(const char *key) {
        return strcmp(key, "PublishPort") == 0
                               ? "; with Network=host the app listens on the ports of the host itself"
                               : "";
}

/* The place names the key, unless it is asked for by an option of PodmanArgs=. */
static void raise_later(ContainerLoad *load) {
        for (size_t i = 0; i < n_container_keys; i++) {
                const KeyState *state = &load->states[i];
                const Place *place = &state->later_place;
                const char *name = container_keys[i].name;
                bool is_named = place->key && strcmp(place->key, name) == 0;

                if (state->later)
                        (void) faults_raise(load->faults, place, FAULT_UNSUPPORTED,
                                        "not supported yet%s%s%s%s%s", is_named ? "" : ": ",
                                        is_named ? "" : name,
                                        !*state->later ? ""
                                        : is_named     ? ": "
                                                       : ", ",
                                        state->later, instead_of(name));
        }
}

/* "web@1" has a prefix and an instance, which systemd knows; "web" is simply that. */
static int default_name(ContainerLoad *load) {
        const char *service = load->manifest->service;
        Container *container = load->container;

        if (container->name)
                return 0;
        if (strchr(service, '@'))
                return value_copy("%p_%i", &container->name);

        container->name = strndup(service, strlen(service) - strlen(".service"));
        if (!container->name)
                return -ENOMEM;
        if (!value_is_name(container->name, 64))
                (void) load_fault(load, NULL, FAULT_VALUE,
                                "'%s' cannot name a container: 1 to 64 of a-z, A-Z, 0-9, '_', '.' and '-'; "
                                "set ContainerName=",
                                container->name);
        return 0;
}

static int load_all(ContainerLoad *load) {
        int r;

        r = take_section(load, "Container", container_keys, n_container_keys);
        if (r < 0)
                return r;
        r = take_section(load, "Slipway", slipway_keys, n_slipway_keys);
        if (r < 0)
                return r;
        r = load->has_arguments ? podman_args_apply(load) : 0;
        if (r < 0)
                return r;
        r = default_name(load);
        if (r < 0)
                return r;
        r = container_check(load);
        if (r < 0)
                return r;

        raise_later(load);
        return 0;
}

int container_load(const Manifest *manifest, const ManifestSet *all, Container **ret, FaultList *faults) {
        ContainerLoad load = {
                .manifest = manifest,
                .all = all,
                .faults = faults,
                .container = container_new(),
        };
        int r;

        if (!load.container)
                return -ENOMEM;
        r = load_all(&load);
        if (r < 0) {
                container_free(load.container);
                return r;
        }

        *ret = load.container;
        return 0;
}
