/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/run-plan.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "generator/generate.h"
#include "generator/load.h"
#include "generator/translate.h"
#include "lib/cleanup.h"
#include "nspawn-glue/options.h"

#define DIRECTORY "/etc/slipway"

int run_name_make(const char *image, unsigned number, char **ret) {
        enum { MOST = 40 };
        size_t n = strcspn(image, "@");
        const char *base = memrchr(image, '/', n);
        char name[MOST + 1];
        size_t length = 0;

        base = base ? base + 1 : image;
        for (const char *c = base; c < image + n && *c != ':' && length < MOST; c++)
                if (isalnum((unsigned char) *c) || (length > 0 && strchr("_.-", *c)))
                        name[length++] = *c;
        name[length] = '\0';
        return asprintf(ret, "%s-%08x", length > 0 ? name : "container", number) < 0 ? -ENOMEM : 0;
}

static int choose_name(const RunCall *call, char **ret, Fault *fault) {
        const char *given = call->switches.name ?: call->switches.unit;
        unsigned number;

        if (!given) {
                if (getrandom(&number, sizeof(number), 0) != sizeof(number))
                        return -EIO;
                return run_name_make(call->image, number, ret);
        }
        if (!container_name_is_valid(given)) {
                fault_locate(fault, &(Place){ .key = call->switches.name ? "--name" : "--unit" });
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "'%s' cannot name a container: 1 to 64 of a-z, A-Z, 0-9, '_', '.' and '-', "
                                "the "
                                "first a letter or digit",
                                given);
        }
        *ret = strdup(given);
        return *ret ? 0 : -ENOMEM;
}

static int add_names(RunManifest *manifest, const RunCall *call, Fault *fault) {
        const RunSwitches *switches = &call->switches;
        int r;

        manifest->flag = "IMAGE";
        r = run_manifest_add_key(manifest, switches->rootfs ? "Rootfs" : "Image", call->image, fault);
        manifest->flag = "--name";
        if (r >= 0 && switches->name)
                r = run_manifest_add_key(manifest, "ContainerName", switches->name, fault);
        manifest->flag = "--unit";
        if (r >= 0 && switches->unit)
                r = run_manifest_add_key(manifest, "ServiceName", switches->unit, fault);
        manifest->flag = "--rm";
        if (r >= 0 && switches->remove)
                r = run_manifest_add(manifest, RUN_UNIT, "CollectMode", "inactive-or-failed", fault);
        return r;
}

/*
 * A program in the foreground has the caller's streams. That is no property of the container, and so not in
 * the manifest that is printed; a terminal is.
 */
static const char *choose_console(const RunSwitches *switches, bool in_foreground) {
        if (switches->terminal)
                return "terminal";
        if (switches->interactive && !(in_foreground && !switches->detach))
                return "interactive";
        return in_foreground && !switches->detach ? "direct" : NULL;
}

static int fill(RunManifest *manifest, const RunCall *call, bool in_foreground, Fault *fault) {
        const char *console = choose_console(&call->switches, in_foreground);
        int r = add_names(manifest, call, fault);

        if (r >= 0)
                r = run_manifest_extend(manifest, &call->manifest);
        manifest->flag = call->switches.terminal ? "--tty" : "--interactive";
        if (r >= 0 && console)
                r = run_manifest_add(manifest, RUN_SLIPWAY, "Console", console, fault);
        manifest->flag = "COMMAND";
        if (r >= 0 && call->command[0])
                r = run_manifest_add_words(manifest, "Exec", call->command, fault);
        if (r < 0 && !fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot write a manifest");
        return r;
}

int run_plan_manifest(const RunCall *call, char **ret, Fault *fault) {
        AUTO(run_manifest_done) RunManifest manifest = {};
        int r = fill(&manifest, call, false, fault);

        if (r < 0)
                return r;
        *ret = run_manifest_text(&manifest);
        return *ret ? 0 : -ENOMEM;
}

/* Nobody has written the lines; what is to blame is the flag that has made one. */
static int take_faults(RunPlan *plan, const Manifest *from, const RunManifest *lines) {
        for (size_t i = 0; i < from->faults.n_entries; i++) {
                const FaultEntry *entry = &from->faults.entries[i];
                const char *flag = strcmp(entry->fault.path, from->path) == 0
                                                   ? run_manifest_flag_of(lines, entry->fault.line)
                                                   : NULL;
                Place place = { .key = flag };

                if (entry->is_warning)
                        faults_warn(&plan->faults, &place, entry->fault.kind, "%s", entry->fault.text);
                else
                        (void) faults_raise(
                                        &plan->faults, &place, entry->fault.kind, "%s", entry->fault.text);
        }
        return 0;
}

static int translate(RunPlan *plan, Workspace *workspace, Manifest *manifest, const RunManifest *lines) {
        AUTO(arena_freep) Arena *scratch = arena_new();
        AUTO(unit_done) UnitWriter unit = {};
        InstallPlan install;
        int r = scratch ? 0 : -ENOMEM;

        if (r >= 0)
                r = translate_manifest(manifest, &workspace->set, SEARCH_SYSTEM, scratch, &unit, &install);
        if (r < 0)
                return r;
        if (r > 0) {
                plan->text = strdup(unit.text);
                if (!plan->text)
                        return -ENOMEM;
        }
        plan->unit = strdup(manifest->service);
        return plan->unit ? take_faults(plan, manifest, lines) : -ENOMEM;
}

/* What is printed may well become the file that is there, and be empty by now. */
static int make_unit(RunPlan *plan, const RunManifest *lines, bool is_for_print, Fault *fault) {
        AUTO(workspace_close) Workspace workspace = {};
        autofree char *text = run_manifest_text(lines), *file = NULL;
        const Manifest *taken;
        Manifest *manifest = NULL;
        int r = text && asprintf(&file, "%s.container", plan->name) >= 0 ? 0 : -ENOMEM;

        if (r >= 0)
                r = workspace_open(&workspace, SEARCH_SYSTEM, NULL);
        taken = r >= 0 && !is_for_print ? manifest_find(&workspace.set, file) : NULL;
        if (taken)
                return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                "there is a manifest '%s'; choose another --name, or 'slipway start %s'",
                                taken->path, plan->name);
        if (r >= 0)
                r = manifests_load_text(&workspace.set, file, DIRECTORY, text, &manifest);
        return r < 0 ? r : translate(plan, &workspace, manifest, lines);
}

int run_plan(const RunCall *call, RunPlan *ret, Fault *fault) {
        AUTO(run_manifest_done) RunManifest lines = {};
        RunPlan plan = {};
        int r = choose_name(call, &plan.name, fault);

        if (r >= 0)
                r = fill(&lines, call, true, fault);
        if (r >= 0)
                r = make_unit(&plan, &lines, call->switches.print_manifest, fault);
        if (r < 0) {
                run_plan_done(&plan);
                return fault_is_raised(fault) ? r : fault_wrap(fault, r, "cannot make a unit");
        }
        *ret = plan;
        return 0;
}

void run_plan_done(RunPlan *plan) {
        free(plan->name);
        free(plan->unit);
        free(plan->text);
        faults_done(&plan->faults);
        *plan = (RunPlan){};
}
