/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/translate.h"

#include <string.h>

#include "generator/frontend.h"
#include "generator/log-dropin.h"
#include "generator/passthrough.h"
#include "generator/sockets.h"
#include "generator/unit/fault-unit.h"

DEFINE_AUTO(Container *, container_free)

/* What is not in the text cannot be missed in it: after such faults keys are not looked at. */
static bool is_readable(const Manifest *manifest) {
        for (size_t i = 0; i < manifest->faults.n_entries; i++) {
                const FaultEntry *entry = &manifest->faults.entries[i];

                if (!entry->is_warning && entry->fault.kind != FAULT_CONFLICT)
                        return false;
        }
        return true;
}

static void check_support(Manifest *manifest, SearchScope scope) {
        Place place = manifest_file_place(manifest);

        if (manifest->type != MANIFEST_CONTAINER)
                (void) faults_raise(&manifest->faults, &place, FAULT_UNSUPPORTED,
                                "not supported yet: .%s files", manifest_type_to_string(manifest->type));
        else if (scope == SEARCH_USER)
                (void) faults_raise(&manifest->faults, &place, FAULT_UNSUPPORTED,
                                "not supported yet: containers of a user's own service manager need a "
                                "systemd-nspawn that runs without root, which is version 256 for disk "
                                "images and "
                                "258 for directories; put the manifest into /etc/slipway instead");
}

static void write_description(const Manifest *manifest, UnitWriter *unit) {
        const Assignment *a = manifest_last(manifest, "Unit", "Description");

        if (a && *a->value)
                return;
        if (strchr(manifest->service, '@'))
                unit_set(unit, "Description", "Container %N");
        else
                unit_setf(unit, "Description", "Container %.*s",
                                (int) (strlen(manifest->service) - strlen(".service")), manifest->service);
}

/* The user's lines come last in their section, where systemd lets them win. */
static int write_container(Manifest *manifest, const ManifestSet *all, const Container *container,
                Arena *scratch, UnitWriter *unit) {
        bool has_stop = manifest_last(manifest, "Service", "ExecStop");
        Place place = manifest_file_place(manifest);
        Fault fault = {};
        int r;

        unit_begin(unit);
        unit_section(unit, "Unit");
        write_description(manifest, unit);
        unit_set(unit, "Documentation", "man:slipway.container(5)");
        unit_set_path(unit, "SourcePath", manifest->path);
        container_write_unit(container, unit);
        sockets_write_service(manifest, unit);
        r = passthrough_write_unit(manifest, all, scratch, unit, &manifest->faults);
        if (r < 0)
                return r;

        unit_section(unit, "Service");
        container_write_service(container, unit);
        if (!has_stop)
                container_write_stop(container, unit);
        passthrough_write_service(manifest, unit, &manifest->faults);
        if (has_stop)
                container_write_stop(container, unit);

        unit_section(unit, "X-Slipway");
        unit_set(unit, "Kind", "container");
        container_write_info(container, unit);
        passthrough_write_extensions(manifest, unit);
        if (unit_check(unit, &fault) < 0) {
                fault_locate(&fault, &place);
                (void) faults_take(&manifest->faults, &fault);
        }
        return 0;
}

static int translate_container(Manifest *manifest, const ManifestSet *all, Arena *scratch, UnitWriter *unit,
                InstallPlan *ret_install) {
        AUTO(container_freep) Container *container = NULL;
        int r;

        r = container_load(manifest, all, &container, &manifest->faults);
        if (r < 0)
                return r;
        if (manifest->faults.n_errors == 0) {
                r = write_container(manifest, all, container, scratch, unit);
                return r < 0 ? r
                             : log_dropin_plan(manifest, container_logged_name(container), scratch,
                                               ret_install, &manifest->faults);
        }

        /* There will be another unit; but the rest of the faults should be told with those that are known.
         */
        unit_begin(unit);
        r = passthrough_write_unit(manifest, all, scratch, unit, &manifest->faults);
        passthrough_write_service(manifest, unit, &manifest->faults);
        return r;
}

int translate_manifest(Manifest *manifest, const ManifestSet *all, SearchScope scope, Arena *scratch,
                UnitWriter *unit, InstallPlan *ret_install) {
        bool readable = is_readable(manifest);
        int r = 0;

        *ret_install = (InstallPlan){};
        if (readable) {
                passthrough_check_sections(manifest, &manifest->faults);
                sockets_check(manifest, &manifest->faults);
                check_support(manifest, scope);
        }
        if (readable && manifest->type == MANIFEST_CONTAINER)
                r = translate_container(manifest, all, scratch, unit, ret_install);
        if (r >= 0)
                r = install_plan(manifest, all, scratch, ret_install, &manifest->faults);
        if (r < 0)
                return r;
        faults_sort(&manifest->faults, manifest->path);
        if (manifest->faults.n_errors == 0)
                return 1;

        ret_install->dropin_directory = NULL;
        fault_unit_write(unit, manifest, &manifest->faults);
        return 0;
}
