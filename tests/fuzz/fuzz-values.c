/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Values of keys, and what becomes of them
 *
 * A line "KEY=VALUE" goes the way of a manifest's: to the key's row, into the
 * model, and from there into a unit, if nothing was wrong. A "Slipway:" in front
 * is for the keys of [Slipway].
 */

#include <stdint.h>
#include <string.h>

#include "generator/frontend.h"
#include "generator/quadlet/keys.h"

DEFINE_AUTO(Container *, container_free)

#define LINES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Takes @text to pieces at its line ends and '=' signs. */
static size_t read_lines(char *text, Assignment *lines) {
        size_t n = 0;
        char *line;

        while (n < LINES_MAX && (line = strsep(&text, "\n"))) {
                char *value = strchr(line, '=');
                bool is_slipway = strncmp(line, "Slipway:", 8) == 0;

                if (!value)
                        continue;
                *value++ = '\0';
                lines[n] = (Assignment){
                        .section = is_slipway ? "Slipway" : "Container",
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
        Assignment lines[LINES_MAX];
        Manifest manifest = {
                .type = MANIFEST_CONTAINER,
                .name = "fuzz.container",
                .path = "/etc/slipway/fuzz.container",
                .directory = "/etc/slipway",
                .stem = "fuzz",
                .service = "fuzz.service",
                .assignments = lines,
        };
        ManifestSet all = {};
        AUTO(container_freep) Container *container = NULL;
        AUTO(faults_done) FaultList faults = {};
        AUTO(unit_done) UnitWriter unit = {};

        if (!text)
                return 0;
        manifest.n_assignments = read_lines(text, lines);
        if (container_load(&manifest, &all, &container, &faults) < 0 || faults.n_errors > 0)
                return 0;

        unit_begin(&unit);
        container_write_unit(container, &unit);
        container_write_service(container, &unit);
        container_write_info(container, &unit);
        return 0;
}
