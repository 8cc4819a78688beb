/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/unit/fault-unit.h"

#include <stdio.h>
#include <string.h>

#include "generator/frontend.h"
#include "generator/utf8.h"

/* Who made more mistakes than that is better served by slipway-check(1). */
enum { MOST_FAULTS = 16 };

/* Numbers of a fault as text. */
typedef struct FaultNumbers {
        char line[16], column[16];
} FaultNumbers;

/* The options that a fault is told with, see slipway-fault(8). */
static size_t add_fault(const Fault *fault, FaultNumbers *numbers, UnitWord *words) {
        size_t n = 0;

        (void) snprintf(numbers->line, sizeof(numbers->line), "%u", fault->line);
        (void) snprintf(numbers->column, sizeof(numbers->column), "%u", fault->column);

        if (*fault->path)
                words[n++] = (UnitWord){ .prefix = "--file=", .text = fault->path };
        if (fault->line > 0)
                words[n++] = (UnitWord){ .prefix = "--line=", .text = numbers->line };
        if (fault->line > 0 && fault->column > 0)
                words[n++] = (UnitWord){ .prefix = "--column=", .text = numbers->column };
        if (*fault->key)
                words[n++] = (UnitWord){ .prefix = fault->is_field ? "--field=" : "--key=",
                        .text = fault->key };
        words[n++] = (UnitWord){ .prefix = "--kind=", .text = fault_kind_to_string(fault->kind) };
        words[n++] = (UnitWord){ .text = fault->text };
        return n;
}

static void write_command(UnitWriter *unit, const FaultList *faults) {
        UnitWord words[1 + 6 * MOST_FAULTS] = { { .text = SLIPWAY_LIBEXEC_DIR "/slipway-fault" } };
        FaultNumbers numbers[MOST_FAULTS];
        size_t n = 1, told = 0;

        for (size_t i = 0; i < faults->n_entries && told < MOST_FAULTS; i++)
                if (!faults->entries[i].is_warning) {
                        n += add_fault(&faults->entries[i].fault, &numbers[told], words + n);
                        told++;
                }

        /* There was not even the memory to say what it was. */
        if (told == 0) {
                words[n++] = (UnitWord){ .text = "--kind=system" };
                words[n++] = (UnitWord){ .text = "cannot read the manifest: out of memory" };
        }
        unit_set_command(unit, "ExecStart", "", words, n);
}

/* A file can have any name, the description of a unit cannot: it is a line of text that people are shown. */
static void write_description(UnitWriter *unit, const char *name) {
        char description[300];

        (void) snprintf(description, sizeof(description), "%s, which cannot be translated", name);
        fault_tame(description);
        if (utf8_find_invalid(description, strlen(description)))
                unit_set(unit, "Description", "Manifest that cannot be translated");
        else
                unit_set_literal(unit, "Description", description);
}

void fault_unit_write(UnitWriter *unit, const Manifest *manifest, const FaultList *faults) {
        const FrontEnd *end = frontend_of_type(manifest->type);

        unit_begin(unit);
        unit_section(unit, "Unit");
        write_description(unit, manifest->name);
        unit_setf(unit, "Documentation", "%s man:slipway-check(1)",
                        end ? end->manual : "man:slipway.container(5)");
        unit_set_path(unit, "SourcePath", manifest->path);

        unit_section(unit, "Service");
        unit_set(unit, "Type", "oneshot");
        unit_set(unit, "NotifyAccess", "main");
        write_command(unit, faults);

        unit_section(unit, "X-Slipway");
        unit_set(unit, "Kind", "fault");
}
