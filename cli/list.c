/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway list: what containers there are, and how they are. */

#include <fnmatch.h>
#include <getopt.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cli/container.h"
#include "cli/manager.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "lib/report.h"
#include "lib/strv.h"

typedef struct ListCall {
        bool json, quiet, running, user;
        char *const *patterns; /* NULL-terminated, empty for all */
} ListCall;

enum { OPT_JSON = OPTION_LONG, OPT_USER };

static const Option options[] = {
        { 'a', "all", NULL, "all containers, also those that do not run (the default)" },
        { OPT_JSON, "json", NULL, "print JSON" },
        { 'q', "quiet", NULL, "print names only" },
        { 'r', "running", NULL, "only containers that run" },
        { OPT_USER, "user", NULL, "what your own service manager has, not the system's" },
};

/* A container, and what the service manager knows of its unit. */
typedef struct Row {
        const GeneratedUnit *unit;
        const UnitState *state; /* NULL when it is not loaded */
        bool is_asked;          /* the service manager could be asked */
} Row;

/* In systemd's own words, but for manifests that have no unit worth starting. */
static const char *state_word(const Row *row, TableTone *ret_tone) {
        static const struct {
                const char *word;
                TableTone tone;
        } tones[] = {
                { "active", TABLE_GOOD },
                { "failed", TABLE_BAD },
                { "inactive", TABLE_FAINT },
                { "reloading", TABLE_GOOD },
        };
        const char *word = row->state ? row->state->active : row->is_asked ? "inactive" : "unknown";

        *ret_tone = TABLE_PLAIN;
        if (strcmp(row->unit->kind, "fault") == 0) {
                *ret_tone = TABLE_BAD;
                return "fault";
        }
        for (size_t i = 0; i < ELEMENTS(tones); i++)
                if (strcmp(tones[i].word, word) == 0)
                        *ret_tone = tones[i].tone;
        return word;
}

static const char *row_name(const Row *row, char *buffer, size_t size) {
        return container_name(row->unit, buffer, size);
}

/* What there is to say beyond the state. */
static const char *row_status(const Row *row) {
        if (row->unit->fault)
                return row->unit->fault;
        if (row->state && row->state->status)
                return row->state->status;
        return row->state ? row->state->result : NULL;
}

static bool is_wanted(const ListCall *call, const Row *row) {
        char buffer[256];
        const char *name = row_name(row, buffer, sizeof(buffer));
        TableTone tone;

        if (call->running && strcmp(state_word(row, &tone), "active") != 0)
                return false;
        for (char *const *pattern = call->patterns; *pattern; pattern++)
                if (fnmatch(*pattern, name, 0) == 0 || fnmatch(*pattern, row->unit->unit, 0) == 0)
                        return true;
        return !*call->patterns;
}

static void format_memory(uint64_t bytes, char *ret, size_t size) {
        static const char units[] = "KMGTP";
        double value = (double) bytes / 1024;
        size_t i = 0;

        for (; value >= 1000 && units[i + 1]; i++)
                value /= 1024;
        (void) snprintf(ret, size, "%.1f%c", value, units[i]);
}

static void format_age(uint64_t since, char *ret, size_t size) {
        uint64_t now = (uint64_t) time(NULL), then = since / 1000000, age = now > then ? now - then : 0;

        if (age < 60)
                (void) snprintf(ret, size, "%" PRIu64 "s ago", age);
        else if (age < 3600)
                (void) snprintf(ret, size, "%" PRIu64 "min ago", age / 60);
        else if (age < 2 * 86400)
                (void) snprintf(ret, size, "%" PRIu64 "h ago", age / 3600);
        else
                (void) snprintf(ret, size, "%" PRIu64 " days ago", age / 86400);
}

static int print_table(const ListCall *call, const Row *rows, size_t n) {
        static const char *const headers[] = { "NAME", "STATE", "IMAGE", "SINCE", ">MEMORY", "UNIT",
                "STATUS" };
        autotable Table *table = table_new(headers, ELEMENTS(headers));

        for (size_t i = 0; i < n; i++) {
                const Row *row = &rows[i];
                char name[256], memory[32] = "", since[32] = "";
                TableTone tone;
                const char *state = state_word(row, &tone);

                if (!is_wanted(call, row))
                        continue;
                if (row->state && row->state->memory != UINT64_MAX)
                        format_memory(row->state->memory, memory, sizeof(memory));
                if (row->state && row->state->since > 0)
                        format_age(row->state->since, since, sizeof(since));

                table_cell(table, row_name(row, name, sizeof(name)), TABLE_PLAIN);
                table_cell(table, state, tone);
                table_cell(table, row->unit->image, TABLE_PLAIN);
                table_cell(table, since, TABLE_PLAIN);
                table_cell(table, memory, TABLE_PLAIN);
                table_cell(table, row->unit->unit, TABLE_PLAIN);
                table_cell(table, row_status(row), TABLE_PLAIN);
        }
        return table_print(table, stdout, color_is_wanted(stdout));
}

/* What is not known is null, so that all objects have the same members. */
static json_t *text_or_null(const char *text) {
        return text && *text ? json_text(text) : json_null();
}

static json_t *row_to_json(const Row *row) {
        const UnitState *state = row->state;
        char name[256];
        TableTone tone;

        return json_pack("{s:o, s:s, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "name",
                        json_text(row_name(row, name, sizeof(name))), "state", state_word(row, &tone),
                        "image", text_or_null(row->unit->image), "since",
                        state && state->since > 0 ? json_integer((json_int_t) state->since) : json_null(),
                        "memory",
                        state && state->memory != UINT64_MAX ? json_integer((json_int_t) state->memory)
                                                             : json_null(),
                        "unit", row->unit->unit, "sub", text_or_null(state ? state->sub : NULL), "source",
                        text_or_null(row->unit->source), "status", text_or_null(row_status(row)));
}

static int print_json(const ListCall *call, const Row *rows, size_t n) {
        json_t *list = json_array();
        int r = list ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < n; i++)
                if (is_wanted(call, &rows[i]) && json_array_append_new(list, row_to_json(&rows[i])) < 0)
                        r = -ENOMEM;
        if (r >= 0)
                r = json_print(list, stdout);
        json_decref(list);
        return r;
}

static int print_names(const ListCall *call, const Row *rows, size_t n) {
        char name[256];

        for (size_t i = 0; i < n; i++)
                if (is_wanted(call, &rows[i]))
                        printf("%s\n", row_name(&rows[i], name, sizeof(name)));
        return 0;
}

static int ask(const ListCall *call, const GeneratedUnits *units, UnitStates *ret, Fault *fault) {
        AUTO(strv_freep) char **patterns = NULL;
        sd_bus *bus = NULL;
        int r = containers_patterns(units, &patterns);

        if (r < 0)
                return fault_wrap(fault, r, "cannot ask systemd about the units");
        if (!patterns)
                return 0;

        r = manager_connect(call->user, &bus, fault);
        if (r < 0)
                return r;
        r = manager_states(bus, patterns, ret, fault);
        (void) sd_bus_flush_close_unref(bus);
        return r;
}

static int print(
                const ListCall *call, const GeneratedUnits *units, const UnitStates *states, bool is_asked) {
        autofree Row *rows = calloc(units->n + 1, sizeof(Row));
        size_t n = 0;

        if (!rows)
                return -ENOMEM;
        for (size_t i = 0; i < units->n; i++)
                if (!units->units[i].is_template || units->units[i].fault)
                        rows[n++] = (Row){
                                .unit = &units->units[i],
                                .state = unit_states_find(states, units->units[i].unit),
                                .is_asked = is_asked,
                        };

        if (call->json)
                return print_json(call, rows, n);
        return call->quiet ? print_names(call, rows, n) : print_table(call, rows, n);
}

static int list(const ListCall *call, Fault *fault) {
        AUTO(generated_done) GeneratedUnits units = {};
        AUTO(unit_states_done) UnitStates states = {};
        int r, asked;

        r = containers_read(call->user, &units, fault);
        if (r < 0)
                return r;

        asked = ask(call, &units, &states, fault);
        r = containers_add_instances(&units, &states);
        if (r >= 0)
                r = print(call, &units, &states, asked >= 0);

        /* What could be found out is printed all the same. */
        if (asked < 0)
                return asked;
        return r < 0 ? fault_wrap(fault, r, "cannot print the list") : 0;
}

int verb_list(int argc, char **argv) {
        ListCall call = {};
        Fault fault = {};
        int key;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                switch (key) {

                case 'a':
                        call.running = false;
                        break;

                case 'q':
                        call.quiet = true;
                        break;

                case 'r':
                        call.running = true;
                        break;

                case OPT_JSON:
                        call.json = true;
                        break;

                case OPT_USER:
                        call.user = true;
                        break;

                case OPTION_HELP:
                        return VERB_OK;

                default:
                        return VERB_USAGE;
                }

        call.patterns = argv + optind;
        if (list(&call, &fault) < 0) {
                report_fault(REPORT_ERROR, &fault);
                return VERB_FAILED;
        }
        return VERB_OK;
}
