/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "generator/model/build.h"
#include "generator/quadlet/key-load.h"
#include "generator/quadlet/podman-flags.h"
#include "generator/values/build.h"
#include "generator/words.h"
#include "lib/cleanup.h"
#include "lib/strv.h"

static const KeySection no_keys = { .name = "Slipway" };

static bool is_word(const char *text, const char *word) {
        return text && strcmp(text, word) == 0;
}

static int set(char **field, char *text) {
        if (!text)
                return -ENOMEM;
        free(*field);
        *field = text;
        return 0;
}

/* Up to the last '/', or "/" itself. */
static char *directory_of(const char *path) {
        const char *slash = strrchr(path, '/');

        return strndup(path, slash == path ? 1 : (size_t) (slash - path));
}

/* WorkingDirectory= of the unit says it, too, as with Podman. */
static int take_working_directory(KeyLoad *load, Build *build) {
        const Assignment *a = manifest_last(load->manifest, "Service", "WorkingDirectory");

        if (build->context || load_given(load, "SetWorkingDirectory") || !a ||
                        (*a->value != '/' && *a->value != '%'))
                return 0;
        return value_copy(a->value, &build->context);
}

static int resolve_unit(KeyLoad *load, Build *build) {
        return is_word(build->context, "unit")
                               ? set(&build->context, value_escape(load->manifest->directory))
                               : 0;
}

/* A relative path begins at the context, or at the manifest if it is the file that says where the context
 * is. */
static int resolve_file(KeyLoad *load, Build *build) {
        bool is_by_file = !build->context || is_word(build->context, "file");
        char *text = NULL;
        int r;

        if (!build->file && is_by_file)
                return load_fault(load, "SetWorkingDirectory", FAULT_VALUE,
                                build->context ? "'file' is where File= is, and there is none"
                                               : "there is neither SetWorkingDirectory= nor File= in "
                                                 "[Build]");
        if (!build->file || *build->file == '/' || value_begins_dynamic(build->file) ||
                        build_is_url(build->file) || (build->context && build_is_url(build->context)))
                return 0;
        if (!build->context)
                return load_fault(load, "File", FAULT_VALUE,
                                "a relative path needs SetWorkingDirectory=, to say where it begins");
        r = is_by_file ? value_resolve(build->file, load->manifest->directory, &text)
                       : value_printf(&text, "%s/%s", build->context, build->file);
        return r < 0 ? r : set(&build->file, text);
}

static int resolve_context(KeyLoad *load, Build *build) {
        if (build->context && !is_word(build->context, "file"))
                return 0;
        if (build_is_url(build->file) || !strchr(build->file, '/'))
                return load_fault(load, "SetWorkingDirectory", FAULT_VALUE,
                                "File= is in no directory of this machine: name one for the files that go "
                                "into the image");
        return set(&build->context, directory_of(build->file));
}

static int check_place(KeyLoad *load, Build *build) {
        int r = take_working_directory(load, build);

        if (r >= 0)
                r = resolve_unit(load, build);
        if (r >= 0)
                r = resolve_file(load, build);
        if (r >= 0)
                r = resolve_context(load, build);
        return r == -ENOMEM ? r : 0;
}

static void check_rest(KeyLoad *load, Build *build) {
        const Assignment *wait = manifest_last(load->manifest, "Quadlet", "DefaultDependencies");
        bool yes = true;

        if (!build->tags && !load_given(load, "ImageTag"))
                (void) load_fault(load, NULL, FAULT_VALUE, "there is no ImageTag= in [Build]");
        if (build->variant && !build->arch)
                (void) load_fault(load, "Variant", FAULT_VALUE,
                                "a variant is one of an architecture: set Arch=");
        if (strv_length(build->networks) > 1)
                (void) load_fault(load, "Network", FAULT_CONFLICT, "a build is in one network only");
        build->without_network = wait && boolean_parse(wait->value, &yes) >= 0 && !yes;
}

static int load_all(KeyLoad *load, Build *build) {
        int r = load_section(load, &build_section);

        if (r >= 0)
                r = load_section(load, &no_keys);
        if (r >= 0 && load->has_arguments)
                r = podman_args_apply(load);
        if (r >= 0)
                r = check_place(load, build);
        if (r < 0)
                return r;
        check_rest(load, build);
        load_raise_later(load);
        return 0;
}

int build_load(const Manifest *manifest, const ManifestSet *all, Build **ret, FaultList *faults) {
        Build *build = build_new();
        KeyLoad load = {
                .manifest = manifest,
                .all = all,
                .faults = faults,
                .model = build,
                .main = &build_section,
                .flags = &podman_build_flags,
        };
        int r = build ? load_all(&load, build) : -ENOMEM;

        if (r < 0) {
                build_free(build);
                return r;
        }
        *ret = build;
        return 0;
}
