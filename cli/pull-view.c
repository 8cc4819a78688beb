/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/pull-view.h"

#include <stdio.h>
#include <string.h>

#include "lib/size.h"
#include "lib/strv.h"

PullAmount pull_amount(uint64_t done, uint64_t of) {
        PullAmount amount;
        const char *unit;
        double scale = size_unit(of, &unit);
        int digits = scale > 1;

        if (of == 0 || done > of)
                (void) snprintf(amount.text, sizeof(amount.text), "%s", size_to_text(done).text);
        else
                (void) snprintf(amount.text, sizeof(amount.text), "%.*f of %.*f %s", digits,
                                (double) done / scale, digits, (double) of / scale, unit);
        return amount;
}

static void put_time(char *text, size_t size, double seconds) {
        if (seconds < 90)
                (void) snprintf(text, size, "%.0f s", seconds < 1 ? 1 : seconds);
        else if (seconds < 90 * 60)
                (void) snprintf(text, size, "%.0f min", seconds / 60);
        else
                (void) snprintf(text, size, "%.0f h", seconds / 3600);
}

PullPace pull_pace(const PullRate *rate, uint64_t left) {
        PullPace pace = {};
        char time[24];

        if (rate->per_second < 1)
                return pace;
        if (left == 0 || (double) left / rate->per_second > 100 * 3600) {
                (void) snprintf(pace.text, sizeof(pace.text), "%s/s",
                                size_to_text((uint64_t) rate->per_second).text);
                return pace;
        }
        put_time(time, sizeof(time), (double) left / rate->per_second);
        (void) snprintf(pace.text, sizeof(pace.text), "%s/s, %s left",
                        size_to_text((uint64_t) rate->per_second).text, time);
        return pace;
}

static void put_total(const PullState *state, char *ret, size_t size) {
        PullTotal total = pull_state_total(state);
        PullPace pace = pull_pace(&state->rate, total.size - total.fetched);

        if (total.n_new > 0 && total.n_done == total.n_new)
                (void) snprintf(ret, size, "%s fetched, finishing", size_to_text(total.size).text);
        else if (total.n_new > 0 && total.fetched >= total.size && total.size > 0)
                (void) snprintf(ret, size, "%s fetched, unpacking %zu of %zu layers",
                                size_to_text(total.size).text, total.n_new - total.n_done, total.n_new);
        else
                (void) snprintf(ret, size, "%s%s%s", pull_amount(total.fetched, total.size).text,
                                *pace.text ? ", " : "", pace.text);
}

void pull_view_line(const PullState *state, char *ret, size_t size) {
        char total[160];

        if (state->phase == PULL_ASKING) {
                (void) snprintf(ret, size, "pulling %s: asking the registry", state->name);
                return;
        }
        put_total(state, total, sizeof(total));
        (void) snprintf(ret, size, "pulling %s: %s", state->name, total);
}

void pull_view_summary(const PullState *state, int64_t now, char *ret, size_t size) {
        PullTotal total = pull_state_total(state);

        if (state->was_current)
                (void) snprintf(ret, size, "%s: is %s", state->name,
                                state->was_asked ? "up to date" : "here already");
        else if (total.n_new == 0)
                (void) snprintf(ret, size, "%s: %zu layer%s, nothing to fetch", state->name, state->n_layers,
                                state->n_layers == 1 ? "" : "s");
        else
                (void) snprintf(ret, size, "%s: %zu layer%s, %zu of them new, %s in %.1f s", state->name,
                                state->n_layers, state->n_layers == 1 ? "" : "s", total.n_new,
                                size_to_text(total.fetched).text, (double) (now - state->begin) / 1000);
}

static void put_bar(char *to, size_t room, uint64_t done, uint64_t of) {
        size_t full = of > 0 ? (size_t) ((double) done / (double) of * (double) room) : 0;

        for (size_t i = 0; i < room; i++)
                to[i] = i < full ? '#' : '.';
        to[room] = '\0';
}

/* What is there to say of a layer besides how much of it is here. */
static void describe(const PullLayer *layer, char *ret, size_t size) {
        uint64_t left = layer->size > layer->fetched ? layer->size - layer->fetched : 0;

        if (layer->have)
                (void) snprintf(ret, size, "here already");
        else if (layer->done)
                (void) snprintf(ret, size, "done");
        else if (layer->size > 0 && left == 0)
                (void) snprintf(ret, size, "unpacking, %s", size_to_text(layer->unpacked).text);
        else
                (void) snprintf(ret, size, "%s", pull_pace(&layer->rate, left).text);
}

static int add_layer(char ***lines, const PullLayer *layer, unsigned width) {
        PullAmount amount =
                        layer->have ? pull_amount(layer->size, 0) : pull_amount(layer->fetched, layer->size);
        char line[256], bar[32] = "", what[64];

        describe(layer, what, sizeof(what));
        if (width >= 80 && !layer->have)
                put_bar(bar, 20, layer->fetched, layer->size);
        (void) snprintf(line, sizeof(line), "  %.12s  %-22s  %-26s %s",
                        digest_is_set(&layer->digest) ? layer->digest.hex : "(no digest)", amount.text, what,
                        bar);
        for (size_t n = strlen(line); n > 0 && line[n - 1] == ' '; n--)
                line[n - 1] = '\0';
        return strv_appendf(lines, "%.*s", (int) width, line);
}

/* What matters more comes first when there is not room for all. */
static unsigned rank(const PullLayer *layer) {
        if (layer->have)
                return 3;
        return layer->done ? 2 : layer->fetched == 0;
}

/* The last rank that there is room for, if only in part. */
static unsigned choose_rank(const PullState *state, size_t room) {
        unsigned highest = 0;

        for (; highest < 3; highest++) {
                size_t n = 0;

                for (size_t i = 0; i < state->n_layers; i++)
                        n += rank(&state->layers[i]) <= highest;
                if (n >= room)
                        break;
        }
        return highest;
}

static int add_total(char ***lines, const PullState *state, size_t others, unsigned width) {
        char total[160], line[224], more[40] = "";

        put_total(state, total, sizeof(total));
        if (others > 0)
                (void) snprintf(more, sizeof(more), "; %zu other layer%s", others, others == 1 ? "" : "s");
        (void) snprintf(line, sizeof(line), "  %s%s", total, more);
        return strv_appendf(lines, "%.*s", (int) width, line);
}

char **pull_view_block(const PullState *state, unsigned width, unsigned height) {
        autostrv char **lines = NULL;
        size_t room = height > 4 ? height - 3 : 1, shown = 0;
        unsigned highest = choose_rank(state, room);
        int r = strv_appendf(&lines, "%.*s", (int) width, state->name);

        for (size_t i = 0; i < state->n_layers && r >= 0 && shown < room; i++) {
                if (rank(&state->layers[i]) > highest)
                        continue;
                r = add_layer(&lines, &state->layers[i], width);
                shown++;
        }
        if (r >= 0 && state->phase != PULL_ASKING)
                r = add_total(&lines, state, state->n_layers - shown, width);
        return r < 0 ? NULL : TAKE(lines);
}
