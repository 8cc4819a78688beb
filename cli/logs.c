/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway logs: what containers have said, by journalctl(1). */

#include <ctype.h>
#include <getopt.h>
#include <string.h>
#include <systemd/sd-journal.h>

#include "cli/container.h"
#include "cli/journal-time.h"
#include "cli/manager.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "image/reference.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/record.h"

enum {
        OPT_IMAGE = OPTION_LONG,
        OPT_POD,
        OPT_TAIL,
        OPT_PASSED, /* journalctl's own, without and with a value */
        OPT_PASSED_VALUE,
};

/* journalctl gets the long form of what it knows. */
/* clang-format off */
static const Option options[] = {
        { OPT_IMAGE, "image",         "IMAGE", "of all containers of an image" },
        { OPT_POD,   "pod",           "POD",   "of all containers of a pod" },
        { 'n',       "lines",         "N",     "only the last lines" },
        { OPT_TAIL,  "tail",          "N",     "the same" },
        { 't',       "timestamps",    NULL,    "exact times in front of lines" },
        { 'f',       "follow",        NULL,    "go on with what is logged from now on" },
        { 'S',       "since",         "TIME",  "not before: '2026-01-31 12:00', 10m, yesterday" },
        { 'U',       "until",         "TIME",  "not after" },
        { 'o',       "output",        "FORM",  "how to print: cat, short, json, verbose …" },
        { 'p',       "priority",      "LEVEL", "only what is as important: err, warning …" },
        { 'g',       "grep",          "REGEX", "only lines that match" },
        { 'r',       "reverse",       NULL,    "the newest first" },
        { 'e',       "pager-end",     NULL,    "begin at the end of the pager" },
        { 'a',       "all",           NULL,    "show what cannot be printed, too" },
        { 'x',       "catalog",       NULL,    "explain messages" },
        { 'b',       "this-boot",     NULL,    "only since the machine was started" },
        { 'q',       "quiet",         NULL,    "no hints of journalctl's own" },
        { 'm',       "merge",         NULL,    "from all journals that there are" },
        { 'D',       "directory",     "DIRECTORY", "of the journal in a directory" },
        { 'c',       "cursor",        "CURSOR", "from a cursor on" },
        { OPT_PASSED,       "no-pager",      NULL,     "do not use a pager" },
        { OPT_PASSED,       "no-hostname",   NULL,     "without the name of the machine" },
        { OPT_PASSED,       "no-full",       NULL,     "shorten lines" },
        { OPT_PASSED,       "no-tail",       NULL,     "all lines, with --follow" },
        { OPT_PASSED,       "utc",           NULL,     "times in UTC" },
        { OPT_PASSED,       "show-cursor",   NULL,     "print the cursor at the end" },
        { OPT_PASSED_VALUE, "after-cursor",  "CURSOR", "behind a cursor" },
        { OPT_PASSED_VALUE, "cursor-file",   "FILE",   "go on where the last time has ended" },
        { OPT_PASSED_VALUE, "output-fields", "FIELD,…", "which fields json and verbose have" },
        { OPT_PASSED_VALUE, "case-sensitive", "BOOLEAN", "whether --grep looks at case" },
};
/* clang-format on */

/* What journalctl will be called with. */
typedef struct LogsCall {
        char **arguments;
        char **matches; /* FIELD=VALUE */
        char **units;
        char **spaces; /* journal namespaces of the units */
} LogsCall;

static void call_done(LogsCall *call) {
        strv_free(call->arguments);
        strv_free(call->matches);
        strv_free(call->units);
        strv_free(call->spaces);
}

/* --- which containers --- */

/* Whoever is gone, with unit and all, may still have something in the journal. */
static bool has_logged(const char *unit) {
        AUTO(strv_freep) char **match = NULL;
        sd_journal *journal = NULL;
        bool found = false;

        if (strv_appendf(&match, "_SYSTEMD_UNIT=%s", unit) < 0 ||
                        sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY) < 0)
                return false;
        if (sd_journal_add_match(journal, match[0], 0) >= 0 && sd_journal_seek_tail(journal) >= 0)
                found = sd_journal_previous(journal) > 0;
        sd_journal_close(journal);
        return found;
}

/* The unit has the namespace, whether it runs or not. */
static int add_space(LogsCall *call, sd_bus *bus, const char *name, const char *unit) {
        autofree char *space = NULL;
        Record record = {};

        if (name && record_read_last(name, &record) >= 0 && strcmp(record.unit, unit) == 0)
                space = strdup(record.journal);
        else if (bus)
                space = manager_unit_text(bus, unit, "LogNamespace");
        if (!space || !*space || strv_find(call->spaces, space))
                return 0;
        return strv_append(&call->spaces, space);
}

static int add_container(
                LogsCall *call, const GeneratedUnits *units, sd_bus *bus, const char *word, Fault *fault) {
        AUTO(generated_unit_done) GeneratedUnit unit = {};
        int r = container_find(units, word, &unit, fault);

        if (r >= 0) {
                r = strv_append(&call->units, unit.unit);
                return r < 0 ? r : add_space(call, bus, unit.container, unit.unit);
        }
        if (r == -ENOENT) {
                autofree char *gone = NULL;
                size_t n = strlen(word);

                if (asprintf(&gone, "%s%s", word,
                                    n > 8 && strcmp(word + n - 8, ".service") == 0 ? "" : ".service") < 0)
                        return -ENOMEM;
                if (has_logged(gone)) {
                        fault_clear(fault);
                        return strv_append(&call->units, gone);
                }
        }
        return r;
}

static bool is_same_image(const char *a, const char *b) {
        autofree char *x = NULL, *y = NULL;

        if (strcmp(a, b) == 0)
                return true;
        return reference_normalise(a, &x, NULL) >= 0 && reference_normalise(b, &y, NULL) >= 0 &&
               strcmp(x, y) == 0;
}

/* As manifests have spelled it, each in its own way. */
static int add_image(LogsCall *call, const GeneratedUnits *units, sd_bus *bus, const char *image) {
        int r = strv_appendf(&call->matches, "IMAGE_NAME=%s", image);

        for (size_t i = 0; r >= 0 && i < units->n; i++) {
                const GeneratedUnit *unit = &units->units[i];

                if (!unit->image || !is_same_image(unit->image, image))
                        continue;
                r = strv_appendf(&call->matches, "IMAGE_NAME=%s", unit->image);
                if (r >= 0)
                        r = add_space(call, bus, unit->container, unit->unit);
        }
        return r;
}

static int find_all(
                LogsCall *call, char *const *names, char *const *images, char *const *pods, Fault *fault) {
        AUTO(sd_bus_flush_close_unrefp) sd_bus *bus = NULL;
        AUTO(generated_done) GeneratedUnits units = {};
        int r = containers_read(false, &units, fault);

        (void) manager_connect(false, &bus, NULL);
        for (char *const *name = names; r >= 0 && *name; name++)
                r = add_container(call, &units, bus, *name, fault);
        for (char *const *image = images; r >= 0 && image && *image; image++)
                r = add_image(call, &units, bus, *image);
        for (char *const *pod = pods; r >= 0 && pod && *pod; pod++)
                r = strv_appendf(&call->matches, "POD_NAME=%s", *pod);
        return r;
}

/* --- the command line of journalctl --- */

/* Namespaces besides the usual one: that has what systemd and the launcher say. */
static int add_spaces(char ***argv, char *const *spaces) {
        if (strv_length(spaces) == 0)
                return 0;
        if (strv_length(spaces) == 1)
                return strv_appendf(argv, "--namespace=+%s", spaces[0]);
        return strv_append(argv, "--namespace=*");
}

static int make_command(const LogsCall *call, char ***ret) {
        int r = strv_append(ret, "journalctl");

        if (r >= 0)
                r = strv_extend(ret, call->arguments);
        if (r >= 0)
                r = add_spaces(ret, call->spaces);
        for (char *const *unit = call->units; r >= 0 && unit && *unit; unit++)
                r = strv_appendf(ret, "--unit=%s", *unit);
        return r < 0 ? r : strv_extend(ret, call->matches);
}

static int add_time(LogsCall *call, const char *option, const char *text) {
        autofree char *time = journal_time(text);

        return time ? strv_appendf(&call->arguments, "--%s=%s", option, time) : -ENOMEM;
}

static const char *long_name(int argc, char **argv) {
        const char *word = argv[optind - 1];

        /* Of "--name value" the value is the word before. */
        return strncmp(word, "--", 2) == 0 ? word : argv[optind - 2];
}

static int take_option(LogsCall *call, int key, int argc, char **argv) {
        size_t n;

        switch (key) {
        case 'S':
        case 'U':
                return add_time(call, key == 'S' ? "since" : "until", optarg);
        case 'b':
                return strv_append(&call->arguments, "--boot");
        case 't':
                return strv_append(&call->arguments, "--output=short-iso-precise");
        case OPT_TAIL:
                return strv_appendf(&call->arguments, "--lines=%s", optarg);
        case OPT_PASSED:
                return strv_append(&call->arguments, long_name(argc, argv));
        case OPT_PASSED_VALUE:
                n = strcspn(long_name(argc, argv), "=");
                return strv_appendf(&call->arguments, "%.*s=%s", (int) n, long_name(argc, argv), optarg);
        default:
                break;
        }
        for (size_t i = 0; i < ELEMENTS(options); i++)
                if (options[i].key == key)
                        return strv_appendf(&call->arguments, "--%s%s%s", options[i].name, optarg ? "=" : "",
                                        optarg ?: "");
        return -EINVAL;
}

static int execute(const LogsCall *call, Fault *fault) {
        AUTO(strv_freep) char **argv = NULL;
        int r = make_command(call, &argv);

        if (r < 0)
                return r;
        /* A long line is shown whole, and not cut at the edge of the screen as systemd's own pager has it.
         */
        (void) setenv("SYSTEMD_LESS", "FRXMK", 0);
        (void) execvp(argv[0], argv);
        return fault_raise(fault, FAULT_MISSING, errno, "cannot execute journalctl: %s", strerror(errno));
}

int verb_logs(int argc, char **argv) {
        AUTO(strv_freep) char **images = NULL, **pods = NULL;
        AUTO(call_done) LogsCall call = {};
        Fault fault = {};
        int key, r = 0;

        while (r >= 0 && (key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == OPTION_HELP || key == OPTION_BAD)
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
                else if (key == OPT_IMAGE)
                        r = strv_append(&images, optarg);
                else if (key == OPT_POD)
                        r = strv_append(&pods, optarg);
                else
                        r = take_option(&call, key, argc, argv);
        if (r >= 0 && optind == argc && !images && !pods)
                return options_misused(argv[0], "the name of a container, --image or --pod is needed");

        if (r >= 0)
                r = find_all(&call, argv + optind, images, pods, &fault);
        if (r >= 0)
                r = execute(&call, &fault);
        if (!fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot show logs");
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}
