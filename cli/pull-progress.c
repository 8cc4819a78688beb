/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/pull-progress.h"

#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#include "cli/pull-view.h"
#include "cli/table.h"
#include "lib/cleanup.h"
#include "lib/notify.h"
#include "lib/report.h"
#include "lib/size.h"
#include "lib/strv.h"

/* As often as each is told, in milliseconds. */
static const int intervals[] = {
        [PULL_NOBODY] = 1000,
        [PULL_TERMINAL] = 100,
        [PULL_LOG] = 10000,
        [PULL_PROGRAM] = 500,
        [PULL_MANAGER] = 500,
};

/* By this much a start may last longer when something has come; then it has to come again. */
#define EXTENSION_USEC "60000000"

int64_t pull_now(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (int64_t) t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* --- a terminal --- */

/* Up to where the lines begin. Those that the terminal is too narrow for by now take several. */
static void go_back(const PullProgress *progress, unsigned width) {
        size_t rows = 0;

        for (size_t i = 0; i < progress->n_widths; i++)
                rows += progress->widths[i] > width ? (progress->widths[i] + width - 1) / width : 1;
        if (rows > 0)
                fprintf(stderr, "\r\033[%zuA", rows);
}

static void terminal_size(unsigned *ret_width, unsigned *ret_height) {
        struct winsize size = {};

        if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0 || size.ws_row == 0)
                size = (struct winsize){ .ws_col = 80, .ws_row = 24 };
        *ret_width = size.ws_col;
        *ret_height = size.ws_row;
}

static void erase(PullProgress *progress) {
        unsigned width, height;

        if (progress->n_widths == 0)
                return;
        terminal_size(&width, &height);
        go_back(progress, width);
        fputs("\033[J", stderr);
        (void) fflush(stderr);
        progress->n_widths = 0;
}

static void draw(PullProgress *progress) {
        unsigned width, height;
        autostrv char **lines = NULL;
        size_t *widths, n;

        terminal_size(&width, &height);
        /* The last column stays free: some terminals go to the next line when it is taken. */
        lines = pull_view_block(progress->state, width > 1 ? width - 1 : 1, height);
        n = strv_length(lines);
        widths = n > 0 ? reallocarray(progress->widths, n, sizeof(size_t)) : NULL;
        if (!widths)
                return;
        progress->widths = widths;

        go_back(progress, width);
        for (size_t i = 0; i < n; i++)
                fprintf(stderr, "%s\033[K\n", lines[i]);
        fputs("\033[J", stderr);
        (void) fflush(stderr);
        for (size_t i = 0; i < n; i++)
                widths[i] = strlen(lines[i]);
        progress->n_widths = n;
}

/* --- a program --- */

static void print(json_t *object) {
        if (object) {
                (void) json_print_line(object, stdout);
                (void) fflush(stdout);
        }
        json_decref(object);
}

static json_t *layer_to_json(const PullLayer *layer) {
        json_t *object = json_pack("{s:I, s:I, s:I, s:b, s:b}", "size", (json_int_t) layer->size, "fetched",
                        (json_int_t) layer->fetched, "unpacked", (json_int_t) layer->unpacked, "have",
                        (int) layer->have, "done", (int) layer->done);

        if (object && digest_is_set(&layer->digest))
                (void) json_object_set_new(object, "digest", json_sprintf("sha256:%s", layer->digest.hex));
        return object;
}

static void print_layers(const PullProgress *progress, const char *event) {
        const PullState *state = progress->state;
        PullTotal total = pull_state_total(state);
        json_t *layers = json_array();

        for (size_t i = 0; i < state->n_layers; i++)
                (void) json_array_append_new(layers, layer_to_json(&state->layers[i]));
        print(json_pack("{s:s, s:s, s:I, s:I, s:I, s:o}", "event", event, "name", state->name, "size",
                        (json_int_t) total.size, "fetched", (json_int_t) total.fetched, "per-second",
                        (json_int_t) state->rate.per_second, "layers", layers));
}

static void print_text(const PullProgress *progress, const char *event, const char *text) {
        print(json_pack("{s:s, s:s, s:o}", "event", event, "name", progress->state->name, "text",
                        json_text(text)));
}

static void print_end(const PullProgress *progress) {
        const PullState *state = progress->state;
        PullTotal total = pull_state_total(state);
        json_t *names = json_array();

        for (char **name = state->names; name && *name; name++)
                (void) json_array_append_new(names, json_text(*name));
        print(json_pack("{s:s, s:s, s:o, s:o, s:b, s:I, s:I, s:I, s:I, s:o?, s:o?}", "event", "end", "name",
                        state->name, "id", json_sprintf("sha256:%s", state->id.hex), "names", names,
                        "current", (int) state->was_current, "layers", (json_int_t) state->n_layers, "new",
                        (json_int_t) total.n_new, "bytes", (json_int_t) total.fetched, "milliseconds",
                        (json_int_t) (pull_now() - state->begin), "rule",
                        state->rule ? json_text(state->rule) : NULL, "key",
                        state->key ? json_text(state->key) : NULL));
}

/* --- a log --- */

static void log_list(const PullState *state) {
        PullTotal total = pull_state_total(state);

        report_note(REPORT_NOTICE, "%s: %zu layer%s, %zu to fetch, %s", state->name, state->n_layers,
                        state->n_layers == 1 ? "" : "s", total.n_new, size_to_text(total.size).text);
}

static void log_layer(const PullState *state, size_t i) {
        report_note(REPORT_NOTICE, "%s: layer %zu of %zu (%.12s): done, %s", state->name, i + 1,
                        state->n_layers, state->layers[i].digest.hex,
                        size_to_text(state->layers[i].fetched).text);
}

static void log_total(const PullState *state) {
        char line[512];

        pull_view_line(state, line, sizeof(line));
        report_note(REPORT_NOTICE, "%s", line);
}

/* --- the service manager --- */

/* More time for as long as something comes, and not for a registry that has gone silent. */
static void tell_manager(PullProgress *progress) {
        PullTotal total = pull_state_total(progress->state);
        uint64_t bytes = total.fetched + total.n_done;
        char line[512];

        for (size_t i = 0; i < progress->state->n_layers; i++)
                bytes += progress->state->layers[i].unpacked;
        if (bytes != progress->last_bytes || progress->last == 0)
                (void) notify_send("EXTEND_TIMEOUT_USEC=" EXTENSION_USEC);
        progress->last_bytes = bytes;
        pull_view_line(progress->state, line, sizeof(line));
        (void) notify_status("%s", line);
}

/* --- all of them --- */

static void tell(PullProgress *progress) {
        switch (progress->audience) {

        case PULL_TERMINAL:
                draw(progress);
                break;

        case PULL_LOG:
                if (progress->state->phase == PULL_LAYERS)
                        log_total(progress->state);
                break;

        case PULL_PROGRAM:
                if (progress->state->phase == PULL_LAYERS)
                        print_layers(progress, "progress");
                break;

        case PULL_MANAGER:
                tell_manager(progress);
                break;

        case PULL_NOBODY:
                break;
        }
}

void pull_progress_begin(PullProgress *progress, PullAudience audience, PullState *state) {
        *progress = (PullProgress){ .audience = audience, .state = state, .last = 0 };
        state->begin = pull_now();
        /* Whoever has nothing to wait for sees nothing drawn. */
        if (audience == PULL_TERMINAL || audience == PULL_LOG)
                progress->last = state->begin;
}

static void tell_text(PullProgress *progress, const char *event, const char *text) {
        autofree char *tamed = strdup(text);

        if (!tamed)
                return;
        fault_tame(tamed);
        erase(progress);
        if (progress->audience == PULL_PROGRAM)
                print_text(progress, event, tamed);
        else if (progress->audience != PULL_NOBODY)
                report_note(REPORT_NOTICE, "%s: %s", progress->state->name, tamed);
}

void pull_progress_news(PullProgress *progress, const PullMessage *message) {
        PullAudience audience = progress->audience;

        switch (message->news) {

        case PULL_NEWS_NOTE:
                tell_text(progress, "note", message->text);
                break;

        case PULL_NEWS_AGAIN:
                tell_text(progress, "again", message->text);
                break;

        case PULL_NEWS_LIST:
                if (audience == PULL_PROGRAM)
                        print_layers(progress, "layers");
                else if (audience == PULL_LOG)
                        log_list(progress->state);
                break;

        case PULL_NEWS_DONE:
                if (audience == PULL_LOG)
                        log_layer(progress->state, message->layer);
                break;

        default:
                break;
        }
}

void pull_progress_tick(PullProgress *progress, int *ret_wait) {
        int64_t now = pull_now(), interval = intervals[progress->audience], passed = now - progress->last;

        pull_state_look(progress->state, now);
        if (passed >= interval) {
                tell(progress);
                progress->last = now;
                passed = 0;
        }
        *ret_wait = (int) (interval - passed < 500 ? interval - passed : 500);
}

void pull_progress_end(PullProgress *progress) {
        erase(progress);
        free(progress->widths);
        progress->widths = NULL;
}

void pull_progress_success(PullProgress *progress) {
        const PullState *state = progress->state;
        char line[512];

        pull_progress_end(progress);
        pull_view_summary(state, pull_now(), line, sizeof(line));
        switch (progress->audience) {

        case PULL_TERMINAL:
        case PULL_LOG:
                report_note(REPORT_NOTICE, "%s", line);
                if (state->devices > 0)
                        report_note(REPORT_NOTICE,
                                        "%u device nodes were left out: a container has its own /dev",
                                        state->devices);
                if (state->attributes > 0)
                        report_note(REPORT_NOTICE,
                                        "%u extended attributes were left out, which are the host's to set",
                                        state->attributes);
                break;

        case PULL_PROGRAM:
                print_end(progress);
                break;

        case PULL_MANAGER:
                (void) notify_status("pulled %s, sha256:%.12s", line, state->id.hex);
                break;

        case PULL_NOBODY:
                break;
        }
}

void pull_progress_failure(PullProgress *progress, const Fault *fault) {
        char line[1024];

        pull_progress_end(progress);
        (void) report_format(line, sizeof(line), fault);
        if (progress->audience == PULL_PROGRAM)
                print(json_pack("{s:s, s:s, s:s, s:o}", "event", "error", "name", progress->state->name,
                                "kind", fault_kind_to_string(fault->kind), "text", json_text(line)));
        else if (progress->audience == PULL_MANAGER)
                (void) notify_status("%s", line);
}
