/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/unit/fault-unit.h"

#include <stdio.h>
#include <string.h>

/* Who made more mistakes than that is better served by slipway-check(1). */
enum { MOST_FAULTS = 16 };

/* The options that a fault is told with, see slipway-fault(8). Each is as long as its part of the fault. */
typedef struct FaultWords {
        char file[sizeof("--file=") + sizeof(((Fault *) NULL)->path)];
        char line[sizeof("--line=") + 16];
        char column[sizeof("--column=") + 16];
        char key[sizeof("--key=") + sizeof(((Fault *) NULL)->key)];
        char kind[sizeof("--kind=") + 32];
} FaultWords;

static size_t add_fault(const Fault *fault, FaultWords *store, UnitWord *words) {
        size_t n = 0;

        (void) snprintf(store->file, sizeof(store->file), "--file=%s", fault->path);
        (void) snprintf(store->line, sizeof(store->line), "--line=%u", fault->line);
        (void) snprintf(store->column, sizeof(store->column), "--column=%u", fault->column);
        (void) snprintf(store->key, sizeof(store->key), "--key=%s", fault->key);
        (void) snprintf(store->kind, sizeof(store->kind), "--kind=%s", fault_kind_to_string(fault->kind));

        if (*fault->path)
                words[n++] = (UnitWord){ .text = store->file };
        if (fault->line > 0)
                words[n++] = (UnitWord){ .text = store->line };
        if (fault->line > 0 && fault->column > 0)
                words[n++] = (UnitWord){ .text = store->column };
        if (*fault->key)
                words[n++] = (UnitWord){ .text = store->key };
        words[n++] = (UnitWord){ .text = store->kind };
        words[n++] = (UnitWord){ .text = fault->text };
        return n;
}

static void write_command(UnitWriter *unit, const FaultList *faults) {
        UnitWord words[1 + 6 * MOST_FAULTS] = { { .text = SLIPWAY_LIBEXEC_DIR "/slipway-fault" } };
        FaultWords store[MOST_FAULTS];
        size_t n = 1, told = 0;

        for (size_t i = 0; i < faults->n_entries && told < MOST_FAULTS; i++)
                if (!faults->entries[i].is_warning) {
                        n += add_fault(&faults->entries[i].fault, &store[told], words + n);
                        told++;
                }

        /* There was not even the memory to say what it was. */
        if (told == 0) {
                words[n++] = (UnitWord){ .text = "--kind=system" };
                words[n++] = (UnitWord){ .text = "cannot read the manifest: out of memory" };
        }
        unit_set_command(unit, "ExecStart", "", words, n);
}

void fault_unit_write(UnitWriter *unit, const Manifest *manifest, const FaultList *faults) {
        unit_begin(unit);
        unit_section(unit, "Unit");
        if (strpbrk(manifest->name, "\r\n"))
                unit_set(unit, "Description", "Manifest that cannot be translated");
        else {
                char description[300];

                (void) snprintf(description, sizeof(description), "%s, which cannot be translated",
                                manifest->name);
                unit_set_literal(unit, "Description", description);
        }
        unit_set(unit, "Documentation", "man:slipway.container(5) man:slipway-check(1)");
        unit_set_path(unit, "SourcePath", manifest->path);

        unit_section(unit, "Service");
        unit_set(unit, "Type", "oneshot");
        unit_set(unit, "NotifyAccess", "main");
        write_command(unit, faults);

        unit_section(unit, "X-Slipway");
        unit_set(unit, "Kind", "fault");
}
