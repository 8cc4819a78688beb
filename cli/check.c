/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway check: what is wrong with manifests, as a compiler would say it. */

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "cli/excerpt.h"
#include "cli/manifests.h"
#include "cli/options.h"
#include "cli/priority.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "lib/report.h"

enum { OPTION_USER = OPTION_LONG, OPTION_JSON };

static const Option options[] = {
        { OPTION_JSON, "json", NULL, "print an array of objects, for programs" },
        { OPTION_USER, "user", NULL, "look at manifests of your own service manager" },
};

typedef struct Check {
        SearchScope scope;
        bool color;
        json_t *json; /* NULL for people */
        unsigned n_errors, n_warnings;
} Check;

static void print_fault(const Check *check, const FaultEntry *entry) {
        const char *word = entry->is_warning ? "warning" : "error", *on = "", *off = "";
        Fault bare = entry->fault;

        if (check->color) {
                on = entry->is_warning ? "\x1b[1;35m" : "\x1b[1;31m";
                off = "\x1b[0m";
        }

        fault_tame(bare.path);
        if (*bare.path)
                printf("%s:", bare.path);
        if (bare.line > 0)
                printf("%u:", bare.line);
        if (bare.line > 0 && bare.column > 0)
                printf("%u:", bare.column);
        printf("%s%s%s:%s ", *bare.path ? " " : "", on, word, off);
        if (*bare.key)
                printf("%s%s: ", bare.key, bare.is_field ? "" : "=");
        printf("%s\n", bare.text);

        if (bare.line > 0)
                excerpt_print(stdout, entry->fault.path, bare.line, bare.column);
}

static void add_fault(const Check *check, const Manifest *manifest, const FaultEntry *entry) {
        const Fault *fault = &entry->fault;
        json_t *object = json_object();

        (void) json_object_set_new(object, "severity", json_string(entry->is_warning ? "warning" : "error"));
        (void) json_object_set_new(object, "kind", json_string(fault_kind_to_string(fault->kind)));
        (void) json_object_set_new(object, "file", json_text(fault->path));
        if (fault->line > 0)
                (void) json_object_set_new(object, "line", json_integer(fault->line));
        if (fault->line > 0 && fault->column > 0)
                (void) json_object_set_new(object, "column", json_integer(fault->column));
        if (*fault->key)
                (void) json_object_set_new(object, "key", json_text(fault->key));
        (void) json_object_set_new(object, "text", json_text(fault->text));
        if (manifest)
                (void) json_object_set_new(object, "unit", json_string(manifest->service));
        (void) json_array_append_new(check->json, object);
}

/* @path: the only file to tell about, NULL for all. @manifest is NULL for faults of directories. */
static void tell(Check *check, const Manifest *manifest, const FaultList *faults, const char *path) {
        bool is_meant = !path || (manifest && strcmp(manifest->path, path) == 0);

        for (size_t i = 0; i < faults->n_entries; i++) {
                const FaultEntry *entry = &faults->entries[i];

                /* Of a drop-in, what it did wrong; of a manifest, also what drop-ins did to it. */
                if (!is_meant && strcmp(entry->fault.path, path) != 0)
                        continue;
                check->n_errors += !entry->is_warning;
                check->n_warnings += entry->is_warning;
                if (check->json)
                        add_fault(check, manifest, entry);
                else
                        print_fault(check, entry);
        }
        if (is_meant && faults->n_dropped > 0 && !check->json)
                printf("%s: %zu faults more are not shown\n", manifest ? manifest->path : "directories",
                                faults->n_dropped);
}

static int check_argument(Check *check, const char *argument) {
        AUTO(manifests_view_close) ManifestsView view = {};
        AUTO(unit_done) UnitWriter unit = {};
        const ManifestSet *set = &view.workspace.set;
        Fault fault = {};

        if (manifests_view_open(&view, check->scope, argument, &fault) < 0) {
                report_fault(REPORT_ERROR, &fault);
                return VERB_FAILED;
        }

        tell(check, NULL, &view.workspace.faults, view.path);
        for (size_t i = 0; i < set->n_manifests; i++) {
                Manifest *manifest = set->manifests[i];

                if (manifest->is_masked)
                        continue;
                if (manifests_view_translate(&view, manifest, &unit) < 0) {
                        report_note(REPORT_ERROR, "cannot translate '%s': out of memory", manifest->path);
                        return VERB_FAILED;
                }
                if (view.is_installed && check->scope == SEARCH_SYSTEM)
                        priority_check(manifest);
                tell(check, manifest, &manifest->faults, view.path);
        }
        return VERB_OK;
}

static void print_sum(const Check *check) {
        if (check->n_errors + check->n_warnings == 0)
                return;
        printf("%u error%s, %u warning%s\n", check->n_errors, check->n_errors == 1 ? "" : "s",
                        check->n_warnings, check->n_warnings == 1 ? "" : "s");
}

static int check_all(Check *check, char **arguments) {
        int status = VERB_OK;

        if (!*arguments)
                status = check_argument(check, NULL);
        for (; *arguments; arguments++)
                if (check_argument(check, *arguments) != VERB_OK)
                        status = VERB_FAILED;

        if (check->json && json_print(check->json, stdout) < 0)
                status = VERB_FAILED;
        if (!check->json)
                print_sum(check);
        return check->n_errors > 0 ? VERB_FAILED : status;
}

int verb_check(int argc, char **argv) {
        Check check = { .scope = SEARCH_SYSTEM, .color = color_is_wanted(stdout) };
        int status, key;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                switch (key) {

                case OPTION_JSON:
                        if (!check.json)
                                check.json = json_array();
                        break;

                case OPTION_USER:
                        check.scope = SEARCH_USER;
                        break;

                default:
                        json_decref(check.json);
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
                }

        status = check_all(&check, argv + optind);
        json_decref(check.json);
        return status;
}
