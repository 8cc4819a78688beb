/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/generate.h"

#include "generator/collisions.h"
#include "generator/kept.h"
#include "generator/kube/expand.h"
#include "generator/load.h"
#include "generator/sockets.h"
#include "generator/translate.h"
#include "lib/fault-point.h"
#include "lib/kept-unit.h"
#include "lib/report.h"
#include "lib/strv.h"

int workspace_open(Workspace *workspace, SearchScope scope, char *const *roots) {
        autostrv char **usual = NULL;
        int r = 0;

        *workspace = (Workspace){ .scope = scope, .arena = arena_new() };
        if (!workspace->arena)
                return -ENOMEM;

        if (!roots) {
                r = search_roots(scope, &usual);
                roots = usual;
        }
        if (r >= 0)
                r = search_run(&workspace->search, workspace->arena, roots, scope, &workspace->faults);
        if (r >= 0)
                r = manifests_load(&workspace->set, &workspace->search, workspace->arena);
        if (r >= 0)
                r = scope == SEARCH_SYSTEM ? kube_expand(&workspace->set) : 0;
        if (r >= 0)
                r = collisions_find(&workspace->set);
        if (r >= 0)
                r = kube_settle(&workspace->set, scope);
        return r;
}

void workspace_close(Workspace *workspace) {
        manifests_done(&workspace->set);
        search_done(&workspace->search);
        faults_done(&workspace->faults);
        arena_free(workspace->arena);
        *workspace = (Workspace){};
}

/* The kernel's log is no place for long stories; slipway-check(1) tells more. @path: NULL for directories.
 */
static void tell(const FaultList *faults, const char *path) {
        enum { MOST_TOLD = 16 };
        size_t n = faults->n_entries + faults->n_dropped;

        for (size_t i = 0; i < faults->n_entries && i < MOST_TOLD; i++)
                report_fault(faults->entries[i].is_warning ? REPORT_WARNING : REPORT_ERROR,
                                &faults->entries[i].fault);
        if (n > MOST_TOLD)
                report_note(REPORT_ERROR, "%s: %zu faults more, see slipway check",
                                path ? path : "directories", n - MOST_TOLD);
}

/* Return: 1 when the manifest is a unit now that does as it says, 0 when not, -ENOMEM. */
static int generate_unit(const Workspace *workspace, Manifest *manifest, Arena *scratch, UnitWriter *unit,
                InstallDirectories *made, int dir_fd) {
        InstallPlan install;
        Fault fault = {};
        int r;

        if ((r = FAULT_POINT("generate:translate a manifest")) < 0)
                return r;
        r = translate_manifest(manifest, &workspace->set, workspace->scope, scratch, unit, &install);
        if (r < 0)
                return r;

        if (manifest->faults.n_errors > 0 && workspace->scope == SEARCH_SYSTEM)
                kept_add_stop(KEPT_UNIT_DIR, manifest->service, unit);
        r = unit_commit(unit, dir_fd, manifest->service, &fault);
        if (r >= 0 && manifest->socket && !sockets_are_ports(manifest) && manifest->faults.n_errors == 0) {
                sockets_write_unit(manifest, unit);
                r = unit_commit(unit, dir_fd, manifest->socket, &fault);
        }
        if (r < 0) {
                Place place = manifest_file_place(manifest);

                fault_locate(&fault, &place);
                (void) faults_take(&manifest->faults, &fault);
        } else
                (void) install_apply(&install, dir_fd, made, &manifest->faults);
        return manifest->faults.n_errors == 0;
}

int generate(Workspace *workspace, int dir_fd) {
        AUTO(arena_freep) Arena *scratch = arena_new();
        AUTO(install_directories_done) InstallDirectories made = {};
        AUTO(unit_done) UnitWriter unit = {};
        int failed = workspace->faults.n_errors > 0, r = 0;

        if (!scratch)
                return -ENOMEM;
        tell(&workspace->faults, NULL);

        for (size_t i = 0; i < workspace->set.n_manifests && r >= 0; i++) {
                Manifest *manifest = workspace->set.manifests[i];

                if (manifest->is_masked)
                        continue;
                r = manifest->is_shadowed
                                    ? 0
                                    : generate_unit(workspace, manifest, scratch, &unit, &made, dir_fd);
                failed += r <= 0;
                tell(&manifest->faults, manifest->path);
                arena_reset(scratch);
        }
        if (r >= 0 && workspace->scope == SEARCH_SYSTEM) {
                r = kept_write(KEPT_UNIT_DIR, &unit, dir_fd);
                failed += r;
        }
        return r < 0 ? r : failed;
}
