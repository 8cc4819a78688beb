/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "generator/translate.h"

#include <string.h>

#include "generator/frontend.h"
#include "generator/log-dropin.h"
#include "generator/passthrough.h"
#include "generator/sockets.h"
#include "generator/unit/fault-unit.h"

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

        if (!frontend_of_type(manifest->type))
                (void) faults_raise(&manifest->faults, &place, FAULT_UNSUPPORTED,
                                "not supported yet: .%s files", manifest_type_to_string(manifest->type));
        else if (scope == SEARCH_USER)
                (void) faults_raise(&manifest->faults, &place, FAULT_UNSUPPORTED,
                                "not supported yet: containers of a user's own service manager need a "
                                "systemd-nspawn that runs without root, which is version 256 for disk "
                                "images and "
                                "258 for directories; put the manifest into /etc/slipway instead");
}

static void write_description(const Manifest *manifest, const FrontEnd *end, UnitWriter *unit) {
        const Assignment *a = manifest_last(manifest, "Unit", "Description");

        if (a && *a->value)
                return;
        if (strchr(manifest->service, '@'))
                unit_setf(unit, "Description", "%s %%N", end->noun);
        else
                unit_setf(unit, "Description", "%s %.*s", end->noun,
                                (int) (strlen(manifest->service) - strlen(".service")), manifest->service);
}

static void write_service(Manifest *manifest, const FrontEnd *end, const void *model, UnitWriter *unit) {
        bool has_stop = manifest_last(manifest, "Service", "ExecStop");

        unit_section(unit, "Service");
        end->write_service(model, unit);
        if (!has_stop && end->write_stop)
                end->write_stop(model, unit);
        passthrough_write_service(manifest, unit, &manifest->faults);
        if (has_stop && end->write_stop)
                end->write_stop(model, unit);
}

/* The user's lines come last in their section, where systemd lets them win. */
static int write_unit(Manifest *manifest, const ManifestSet *all, const FrontEnd *end, const void *model,
                Arena *scratch, UnitWriter *unit) {
        Place place = manifest_file_place(manifest);
        Fault fault = {};
        int r;

        unit_begin(unit);
        unit_section(unit, "Unit");
        write_description(manifest, end, unit);
        unit_set(unit, "Documentation", end->manual);
        unit_set_path(unit, "SourcePath", manifest->path);
        end->write_unit(model, unit);
        sockets_write_service(manifest, unit);
        r = passthrough_write_unit(manifest, all, scratch, unit, &manifest->faults);
        if (r < 0)
                return r;

        write_service(manifest, end, model, unit);

        unit_section(unit, "X-Slipway");
        unit_set(unit, "Kind", manifest_type_to_string(manifest->type));
        end->write_info(model, unit);
        passthrough_write_extensions(manifest, unit);
        if (unit_check(unit, &fault) < 0) {
                fault_locate(&fault, &place);
                (void) faults_take(&manifest->faults, &fault);
        }
        return 0;
}

static int write_model(Manifest *manifest, const ManifestSet *all, const FrontEnd *end, const void *model,
                Arena *scratch, UnitWriter *unit, InstallPlan *ret_install) {
        int r;

        if (manifest->faults.n_errors == 0) {
                r = write_unit(manifest, all, end, model, scratch, unit);
                if (r >= 0 && end->logged_name)
                        r = log_dropin_plan(manifest, end->logged_name(model), scratch, ret_install,
                                        &manifest->faults);
                if (r >= 0 && end->plan_unit)
                        r = end->plan_unit(model, manifest, scratch, ret_install);
                return r;
        }

        /* There will be another unit; but the rest of the faults should be told with those that are known.
         */
        unit_begin(unit);
        r = passthrough_write_unit(manifest, all, scratch, unit, &manifest->faults);
        passthrough_write_service(manifest, unit, &manifest->faults);
        return r;
}

static int translate_model(Manifest *manifest, const ManifestSet *all, const FrontEnd *end, Arena *scratch,
                UnitWriter *unit, InstallPlan *ret_install) {
        void *model = NULL;
        int r = end->load(manifest, all, &model, &manifest->faults);

        if (r >= 0)
                r = write_model(manifest, all, end, model, scratch, unit, ret_install);
        end->free(model);
        return r;
}

int translate_manifest(Manifest *manifest, const ManifestSet *all, SearchScope scope, Arena *scratch,
                UnitWriter *unit, InstallPlan *ret_install) {
        const FrontEnd *end = frontend_of_type(manifest->type);
        bool readable = is_readable(manifest);
        int r = 0;

        *ret_install = (InstallPlan){};
        if (readable) {
                passthrough_check_sections(manifest, &manifest->faults);
                sockets_check(manifest, &manifest->faults);
                check_support(manifest, scope);
        }
        if (readable && end)
                r = translate_model(manifest, all, end, scratch, unit, ret_install);
        if (r >= 0)
                r = install_plan(manifest, all, scratch, ret_install, &manifest->faults);
        if (r < 0)
                return r;
        faults_sort(&manifest->faults, manifest->path);
        if (manifest->faults.n_errors == 0)
                return 1;

        ret_install->dropin_directory = NULL;
        ret_install->n_units = 0;
        fault_unit_write(unit, manifest, &manifest->faults);
        return 0;
}
