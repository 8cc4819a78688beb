/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Values of keys, and what becomes of them
 *
 * A line "KEY=VALUE" goes the way of a manifest's: to the key's row, into the
 * model, and from there into a unit, if nothing was wrong. A "Slipway:" in front
 * is for the keys of [Slipway]; with "Image:" at the very beginning, all are of [Image].
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autofree char *text = strndup((const char *) data, size);
        bool is_image = text && strncmp(text, "Image:", 6) == 0;
        ManifestType type = is_image ? MANIFEST_IMAGE : MANIFEST_CONTAINER;
        const FrontEnd *end = frontend_of_type(type);
        Assignment lines[LINES_MAX];
        Manifest manifest = {
                .type = type,
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
        manifest.n_assignments = read_lines(text + (is_image ? 6 : 0), manifest_type_section(type), lines);
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
