/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Values of keys, and what becomes of them
 *
 * A line "KEY=VALUE" goes the way of a manifest's: to the key's row, into the
 * model, and from there into a unit, if nothing was wrong. A "Slipway:" in front
 * is for the keys of [Slipway]; with "Image:" or another section at the very beginning, all are of that.
 * There is a manifest "x" of each type to refer to.
 */

#include <stdint.h>
#include <string.h>

#include "generator/frontend.h"
#include "generator/quadlet/keys.h"

#define LINES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes @text to pieces at its line ends and '=' signs. */
static size_t read_lines(char *text, const char *section, Assignment *lines) {
        size_t n = 0;
        char *line;

        while (n < LINES_MAX && (line = strsep(&text, "\n"))) {
                char *value = strchr(line, '=');
                bool is_slipway = strncmp(line, "Slipway:", 8) == 0;

                if (!value)
                        continue;
                *value++ = '\0';
                lines[n] = (Assignment){
                        .section = is_slipway ? "Slipway" : section,
                        .key = is_slipway ? line + 8 : line,
                        .value = value,
                        .path = "/etc/slipway/fuzz.container",
                        .line = (unsigned) n + 1,
                        .key_column = 1,
                        .column = (unsigned) (value - line) + 1,
                };
                n++;
        }
        return n;
}

/* "Network:" at the beginning. Return: how much of @text that is. */
static size_t read_type(const char *text, ManifestType *ret) {
        for (ManifestType type = 0; type < _MANIFEST_TYPE_MAX; type++) {
                size_t n = strlen(manifest_type_section(type));

                if (!frontend_of_type(type) || strncmp(text, manifest_type_section(type), n) != 0 ||
                                text[n] != ':')
                        continue;
                *ret = type;
                return n + 1;
        }
        *ret = MANIFEST_CONTAINER;
        return 0;
}

/* What the manifest can refer to, one of each type: sorted by name, and by type. */
static void make_others(ManifestSet *set, Manifest others[static _MANIFEST_TYPE_MAX],
                Manifest *list[static _MANIFEST_TYPE_MAX]) {
        static const struct {
                const char *name, *service;
        } names[_MANIFEST_TYPE_MAX] = {
                [MANIFEST_ARTIFACT] = { "x.artifact", "x-artifact.service" },
                [MANIFEST_BUILD] = { "x.build", "x-build.service" },
                [MANIFEST_CONTAINER] = { "x.container", "x.service" },
                [MANIFEST_IMAGE] = { "x.image", "x-image.service" },
                [MANIFEST_KUBE] = { "x.kube", "x-kube.service" },
                [MANIFEST_NETWORK] = { "x.network", "x-network.service" },
                [MANIFEST_POD] = { "x.pod", "x-pod.service" },
                [MANIFEST_VOLUME] = { "x.volume", "x-volume.service" },
        };

        for (ManifestType type = 0; type < _MANIFEST_TYPE_MAX; type++) {
                others[type] = (Manifest){
                        .type = type,
                        .name = names[type].name,
                        .path = "/etc/slipway/x",
                        .directory = "/etc/slipway",
                        .stem = "x",
                        .service = names[type].service,
                };
                list[type] = &others[type];
                set->at[type] = type;
        }
        set->at[_MANIFEST_TYPE_MAX] = set->n_manifests = _MANIFEST_TYPE_MAX;
        set->manifests = set->typed = list;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autofree char *text = strndup((const char *) data, size);
        ManifestType type;
        size_t skipped = text ? read_type(text, &type) : 0;
        const FrontEnd *end = text ? frontend_of_type(type) : NULL;
        Manifest others[_MANIFEST_TYPE_MAX], *list[_MANIFEST_TYPE_MAX];
        Assignment lines[LINES_MAX];
        Manifest manifest = {
                .type = text ? type : MANIFEST_CONTAINER,
                .name = "fuzz.container",
                .path = "/etc/slipway/fuzz.container",
                .directory = "/etc/slipway",
                .stem = "fuzz",
                .service = "fuzz.service",
                .assignments = lines,
        };
        ManifestSet all = {};
        AUTO(faults_done) FaultList faults = {};
        AUTO(unit_done) UnitWriter unit = {};
        void *model;

        if (!text)
                return 0;
        make_others(&all, others, list);
        manifest.n_assignments = read_lines(text + skipped, manifest_type_section(type), lines);
        if (end->load(&manifest, &all, &model, &faults) < 0)
                return 0;
        if (faults.n_errors == 0) {
                unit_begin(&unit);
                end->write_unit(model, &unit);
                end->write_service(model, &unit);
                end->write_info(model, &unit);
        }
        end->free(model);
        return 0;
}
