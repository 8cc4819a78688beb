/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway cat: the unit that the generator makes of a manifest, without making it. */

#include <stdio.h>
#include <string.h>

#include "cli/manifests.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "generator/sockets.h"
#include "lib/report.h"

enum { OPTION_USER = OPTION_LONG };

static const Option options[] = {
        { OPTION_USER, "user", NULL, "look at manifests of your own service manager" },
};

/* Where the unit would be. */
static void print_place(SearchScope scope, const char *service) {
        const char *runtime = getenv("XDG_RUNTIME_DIR");

        printf("# %s/systemd/generator/%s\n", scope == SEARCH_USER && runtime ? runtime : "/run", service);
}

static Manifest *find(const ManifestsView *view, const char *argument) {
        if (!view->path)
                return manifests_view_find(view, argument);
        for (size_t i = 0; i < view->workspace.set.n_manifests; i++)
                if (strcmp(view->workspace.set.manifests[i]->path, view->path) == 0)
                        return view->workspace.set.manifests[i];
        return NULL;
}

static int print_unit(ManifestsView *view, Manifest *manifest) {
        AUTO(unit_done) UnitWriter unit = {};
        int r = manifests_view_translate(view, manifest, &unit);

        if (r < 0) {
                report_note(REPORT_ERROR, "cannot translate '%s': %s", manifest->path, strerror(-r));
                return VERB_FAILED;
        }

        print_place(view->workspace.scope, manifest->service);
        (void) fputs(unit.text, stdout);
        if (manifest->socket && manifest->faults.n_errors == 0) {
                sockets_write_unit(manifest, &unit);
                (void) fputc('\n', stdout);
                print_place(view->workspace.scope, manifest->socket);
                (void) fputs(unit.text, stdout);
        }
        (void) fflush(stdout);
        for (size_t i = 0; i < manifest->faults.n_entries; i++)
                report_fault(manifest->faults.entries[i].is_warning ? REPORT_WARNING : REPORT_ERROR,
                                &manifest->faults.entries[i].fault);
        return manifest->faults.n_errors > 0 ? VERB_FAILED : VERB_OK;
}

static int cat(SearchScope scope, const char *argument) {
        AUTO(manifests_view_close) ManifestsView view = {};
        bool is_file = strchr(argument, '/') || access(argument, F_OK) >= 0;
        Fault fault = {};
        Manifest *manifest;

        if (manifests_view_open(&view, scope, is_file ? argument : NULL, &fault) < 0) {
                report_fault(REPORT_ERROR, &fault);
                return VERB_FAILED;
        }

        manifest = find(&view, argument);
        if (!manifest || manifest->is_masked) {
                report_note(REPORT_ERROR, "there is no manifest '%s'%s", argument,
                                manifest ? ", it is masked"
                                         : "; 'slipway check' reads those that there are");
                return VERB_FAILED;
        }
        return print_unit(&view, manifest);
}

int verb_cat(int argc, char **argv) {
        SearchScope scope = SEARCH_SYSTEM;
        int status = VERB_OK, key;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key != OPTION_USER)
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
                scope = SEARCH_USER;
        }
        if (optind == argc)
                return options_misused(argv[0], "the name of a manifest is missing");

        for (int i = optind; i < argc; i++) {
                if (i > optind)
                        printf("\n");
                if (cat(scope, argv[i]) != VERB_OK)
                        status = VERB_FAILED;
        }
        return status;
}
