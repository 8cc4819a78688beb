/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway events: what has happened to containers and images, from the journal. */

#include <fnmatch.h>
#include <getopt.h>
#include <jansson.h>
#include <string.h>
#include <systemd/sd-journal.h>
#include <time.h>

#include "cli/container.h"
#include "cli/journal-time.h"
#include "cli/options.h"
#include "cli/table.h"
#include "cli/template.h"
#include "cli/verbs.h"
#include "lib/message-ids.h"
#include "lib/report.h"
#include "lib/strv.h"
#include "nspawn-glue/record.h"

enum { OPT_JSON = OPTION_LONG, OPT_FORMAT };

/* clang-format off */
static const Option options[] = {
        { 'f',        "follow", NULL,       "go on with what happens from now on" },
        { OPT_FORMAT, "format", "TEMPLATE", "print each by a Go template: '{{.Action}} {{.Name}}'" },
        { OPT_JSON,   "json",   NULL,       "print a JSON object a line" },
        { 'S',        "since",  "TIME",     "not before (default: since the machine was started)" },
        { 'U',        "until",  "TIME",     "not after" },
};

/* What systemd has logged, by its own ids (sd-messages.h), and what Slipway has. */
static const struct Kind {
        const char *id;
        MessageId own;
        const char *type, *action;
        const char *detail; /* the field that says more */
} kinds[] = {
        { "39f53479d3a045ac8e11786248231fbf", MESSAGE_NONE, "container", "start",         "JOB_RESULT" },
        { "be02cf6855d2428ba40df7e9d022f03d", MESSAGE_NONE, "container", "start-failed",  "JOB_RESULT" },
        { "9d1aaa27d60140bd96365438aad20286", MESSAGE_NONE, "container", "stop",          "JOB_RESULT" },
        { "98e322203f7a4ed290d09fe03c09fe15", MESSAGE_NONE, "container", "die",           "EXIT_STATUS" },
        { "7ad2d189f7e94e70a38c781354912448", MESSAGE_NONE, "container", "end",           NULL },
        { "d9b373ed55a64feb8242e02dbe79a49c", MESSAGE_NONE, "container", "fail",          "UNIT_RESULT" },
        { "5eb03494b6584870a536b337290809b3", MESSAGE_NONE, "container", "restart",       "N_RESTARTS" },
        { "7b05ebc668384222baa8881179cfda54", MESSAGE_NONE, "container", "reload",        "JOB_RESULT" },
        { "fe6faa94e7774663a0da52717891d8ef", MESSAGE_NONE, "container", "oom",           NULL },
        { NULL, MESSAGE_OUT_OF_MEMORY,                      "container", "oom",           NULL },
        { NULL, MESSAGE_HEALTHY,                            "container", "healthy",       NULL },
        { NULL, MESSAGE_UNHEALTHY,                          "container", "unhealthy",     NULL },
        { NULL, MESSAGE_WATCHDOG_MISSED,                    "container", "watchdog",      NULL },
        { NULL, MESSAGE_PAUSED,                             "container", "pause",         NULL },
        { NULL, MESSAGE_RESUMED,                            "container", "unpause",       NULL },
        { NULL, MESSAGE_UPDATED,                            "container", "update",        "IMAGE_ID" },
        { NULL, MESSAGE_ROLLED_BACK,                        "container", "rollback",      "IMAGE_ID" },
        { NULL, MESSAGE_IMAGE_IMPORTED,                     "image",     "import",        "IMAGE_ID" },
        { NULL, MESSAGE_IMAGE_PULLED,                       "image",     "pull",          "IMAGE_ID" },
        { NULL, MESSAGE_IMAGE_REMOVED,                      "image",     "remove",        "IMAGE_ID" },
};
/* clang-format on */

/* Whether a unit is a container, is asked once. */
typedef struct KnownUnit {
        char *unit;
        char *container; /* NULL when it is none */
} KnownUnit;

typedef struct EventsCall {
        bool follow, json;
        const char *format;
        char *const *names; /* patterns; NULL-terminated, empty for all */
        uint64_t since, until;
        Template *template;
        sd_journal *journal;
        GeneratedUnits units;
        KnownUnit *known;
        size_t n_known;
} EventsCall;

static void call_done(EventsCall *call) {
        sd_journal_close(call->journal);
        template_free(call->template);
        generated_done(&call->units);
        for (size_t i = 0; i < call->n_known; i++) {
                free(call->known[i].unit);
                free(call->known[i].container);
        }
        free(call->known);
}

/* --- entries --- */

static char *get_field(sd_journal *journal, const char *field) {
        size_t n, skip = strlen(field) + 1;
        const void *data;

        if (sd_journal_get_data(journal, field, &data, &n) < 0 || n < skip)
                return NULL;
        return strndup((const char *) data + skip, n - skip);
}

/* A container that is gone with all its records has perhaps left entries with its name. */
static char *ask_journal(const char *unit) {
        AUTO(strv_freep) char **match = NULL;
        sd_journal *journal = NULL;
        char *name = NULL;

        if (strv_appendf(&match, "_SYSTEMD_UNIT=%s", unit) >= 0 &&
                        sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY) >= 0 &&
                        sd_journal_add_match(journal, match[0], 0) >= 0 &&
                        sd_journal_seek_tail(journal) >= 0 && sd_journal_previous(journal) > 0)
                name = get_field(journal, "CONTAINER_NAME");
        sd_journal_close(journal);
        return name;
}

static char *find_container(const EventsCall *call, const char *unit) {
        AUTO(generated_unit_done) GeneratedUnit found = {};
        char buffer[256];

        for (size_t i = 0; i < call->units.n; i++)
                if (strcmp(call->units.units[i].unit, unit) == 0)
                        return strdup(container_name(&call->units.units[i], buffer, sizeof(buffer)));
        if (strchr(unit, '@') && container_find(&call->units, unit, &found, NULL) >= 0)
                return strdup(container_name(&found, buffer, sizeof(buffer)));
        return record_find_unit(unit) ?: ask_journal(unit);
}

/* Return: borrowed, NULL for a unit that is no container. */
static const char *container_of(EventsCall *call, const char *unit) {
        KnownUnit *grown;

        for (size_t i = 0; i < call->n_known; i++)
                if (strcmp(call->known[i].unit, unit) == 0)
                        return call->known[i].container;
        grown = reallocarray(call->known, call->n_known + 1, sizeof(*grown));
        if (!grown)
                return NULL;
        call->known = grown;
        grown[call->n_known] = (KnownUnit){ strdup(unit), find_container(call, unit) };
        if (!grown[call->n_known].unit)
                return NULL;
        return call->known[call->n_known++].container;
}

static const struct Kind *find_kind(const char *id) {
        for (size_t i = 0; id && i < ELEMENTS(kinds); i++) {
                const char *own = kinds[i].id ?: message_id_to_string(kinds[i].own);

                if (own && strcmp(own, id) == 0)
                        return &kinds[i];
        }
        return NULL;
}

static bool is_wanted(const EventsCall *call, const char *name) {
        for (char *const *pattern = call->names; *pattern; pattern++)
                if (fnmatch(*pattern, name, 0) == 0)
                        return true;
        return !*call->names;
}

/* Of the processes of a unit, the main one is what counts. */
static bool is_of_main_process(sd_journal *journal) {
        autofree char *message = get_field(journal, "MESSAGE");

        return message && strstr(message, "Main process exited");
}

/* The current entry as an event. Return: NULL when it is none that is asked for. */
static json_t *read_event(EventsCall *call) {
        autofree char *id = get_field(call->journal, "MESSAGE_ID"), *unit = NULL, *name = NULL,
                      *detail = NULL;
        autofree char *message = get_field(call->journal, "MESSAGE");
        const struct Kind *kind = find_kind(id);
        const char *what;
        uint64_t time;

        if (!kind || sd_journal_get_realtime_usec(call->journal, &time) < 0 || time > call->until)
                return NULL;
        if (strcmp(kind->action, "die") == 0 && !is_of_main_process(call->journal))
                return NULL;
        unit = get_field(call->journal, "UNIT") ?: get_field(call->journal, "OBJECT_SYSTEMD_UNIT");
        if (!unit && strcmp(kind->type, "container") == 0)
                unit = get_field(call->journal, "_SYSTEMD_UNIT");
        if (strcmp(kind->type, "image") == 0)
                what = name = get_field(call->journal, "IMAGE_NAME");
        else
                what = unit ? container_of(call, unit) : NULL;
        if (!what || !is_wanted(call, what))
                return NULL;
        detail = kind->detail ? get_field(call->journal, kind->detail) : NULL;
        return json_pack("{sI ss ss so so so so}", "time", (json_int_t) time, "type", kind->type, "action",
                        kind->action, "name", json_text(what), "unit",
                        json_text_or_null(strcmp(kind->type, "image") == 0 ? NULL : unit), "detail",
                        json_text_or_null(detail), "message", json_text_or_null(message));
}

/* --- printing
 * --------------------------------------------------------------------------------------------------------
 */

/* Words of images and of who has written to the journal are among it. */
static int print_line(const json_t *event) {
        json_int_t usec = json_integer_value(json_object_get(event, "time"));
        const char *detail = json_string_value(json_object_get(event, "detail"));
        time_t seconds = (time_t) (usec / 1000000);
        autofree char *line = NULL;
        char time[64];
        struct tm tm;

        (void) localtime_r(&seconds, &tm);
        (void) strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S", &tm);
        if (asprintf(&line, "%s.%06d %s %s %s%s%s%s", time, (int) (usec % 1000000),
                            json_string_value(json_object_get(event, "type")),
                            json_string_value(json_object_get(event, "action")),
                            json_string_value(json_object_get(event, "name")), detail ? " (" : "",
                            detail ?: "", detail ? ")" : "") < 0) {
                line = NULL;
                return -ENOMEM;
        }
        fault_tame(line);
        return puts(line) == EOF ? -EPIPE : 0;
}

static int print_event(const EventsCall *call, json_t *event, Fault *fault) {
        TemplateData data = { .shown = event, .raw = event, .is_tame = isatty(STDOUT_FILENO) };
        int r = 0;

        if (call->template) {
                r = template_execute(call->template, &data, stdout, fault);
                (void) fputc('\n', stdout);
        } else
                r = call->json ? json_print_line(event, stdout) : print_line(event);
        if (call->follow && fflush(stdout) != 0)
                r = -EPIPE;
        return r;
}

/* --- reading
 * ---------------------------------------------------------------------------------------------------------
 */

static int open_journal(EventsCall *call) {
        uint64_t since = call->since;
        int r = sd_journal_open(&call->journal, SD_JOURNAL_LOCAL_ONLY);

        for (size_t i = 0; r >= 0 && i < ELEMENTS(kinds); i++) {
                char match[64];

                (void) snprintf(match, sizeof(match), "MESSAGE_ID=%s",
                                kinds[i].id ?: message_id_to_string(kinds[i].own));
                r = sd_journal_add_match(call->journal, match, 0);
        }
        /* Anybody may write to the journal that something has ended. */
        if (r >= 0)
                r = sd_journal_add_match(call->journal, "_UID=0", 0);
        if (r < 0)
                return r;
        if (since == 0 && call->follow) {
                r = sd_journal_seek_tail(call->journal);
                return r < 0 ? r : sd_journal_previous(call->journal);
        }
        if (since == 0) {
                struct timespec now, up;

                (void) clock_gettime(CLOCK_REALTIME, &now);
                (void) clock_gettime(CLOCK_BOOTTIME, &up);
                since = (uint64_t) (now.tv_sec - up.tv_sec) * 1000000;
        }
        return sd_journal_seek_realtime_usec(call->journal, since);
}

static int follow_events(EventsCall *call, Fault *fault) {
        int r;

        while ((r = sd_journal_next(call->journal)) >= 0) {
                json_t *event;

                if (r == 0 && !call->follow)
                        return 0;
                if (r == 0) {
                        r = sd_journal_wait(call->journal, UINT64_MAX);
                        if (r < 0)
                                return r;
                        /* A container may have come since. */
                        generated_done(&call->units);
                        (void) containers_read(false, &call->units, NULL);
                        continue;
                }
                event = read_event(call);
                if (!event)
                        continue;
                r = print_event(call, event, fault);
                json_decref(event);
                if (r < 0)
                        return r;
        }
        return r;
}

static int events(EventsCall *call, Fault *fault) {
        int r = 0;

        if (call->format && strcmp(call->format, "json") == 0)
                call->json = true;
        else if (call->format)
                r = template_parse(call->format, &call->template, fault);
        if (r >= 0)
                r = containers_read(false, &call->units, fault);
        if (r >= 0)
                r = open_journal(call);
        return r < 0 ? r : follow_events(call, fault);
}

int verb_events(int argc, char **argv) {
        AUTO(call_done) EventsCall call = { .until = UINT64_MAX };
        Fault fault = {};
        int key, r;

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END)
                if (key == OPTION_HELP || key == OPTION_BAD)
                        return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
                else if (key == 'f')
                        call.follow = true;
                else if (key == OPT_JSON)
                        call.json = true;
                else if (key == OPT_FORMAT)
                        call.format = optarg;
                else if (journal_time_parse(optarg, key == 'S' ? &call.since : &call.until) < 0)
                        return options_misused(argv[0],
                                        "'%.50s' is no time; '10m' and '2026-01-31 12:00:00' are", optarg);

        call.names = argv + optind;
        r = events(&call, &fault);
        if (r >= 0 || r == -EPIPE)
                return VERB_OK;
        if (!fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot read events from the journal");
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}
