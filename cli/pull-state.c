/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/pull-state.h"

#include <string.h>

#include "image/doc.h"
#include "image/unpack.h"
#include "image/wire.h"
#include "lib/strv.h"

/* A look that comes sooner sees too little to say how fast it goes. */
#define LOOK_MS 250

/* How much of the old rate stays at each look. */
#define INERTIA 0.7

#define LAYERS_MOST 1024

void pull_state_done(PullState *state) {
        free(state->layers);
        strv_free(state->names);
        free(state->rule);
        free(state->key);
        *state = (PullState){};
}

static int nonsense(Fault *fault, const char *what) {
        return fault_raise(fault, FAULT_SYNTAX, EBADMSG, "slipway-store says what makes no sense: %s", what);
}

static bool take_number(const json_t *object, const char *key, uint64_t *ret) {
        const json_t *value = json_object_get(object, key);

        if (!json_is_integer(value) || json_integer_value(value) < 0)
                return false;
        *ret = (uint64_t) json_integer_value(value);
        return true;
}

static int take_list(PullState *state, const json_t *array, Fault *fault) {
        size_t n = json_array_size(array);
        PullLayer *layers;

        if (state->layers || n > LAYERS_MOST)
                return nonsense(fault, "a list of layers");
        layers = calloc(n + 1, sizeof(PullLayer));
        if (!layers)
                return -ENOMEM;
        for (size_t i = 0; i < n; i++) {
                const json_t *item = json_array_get(array, i);
                const char *digest = json_string_value(json_object_get(item, "digest"));

                (void) take_number(item, "size", &layers[i].size);
                layers[i].have = json_is_true(json_object_get(item, "have"));
                layers[i].done = layers[i].have;
                if (digest)
                        (void) digest_parse(digest, &layers[i].digest, NULL);
        }
        state->layers = layers;
        state->n_layers = n;
        state->phase = PULL_LAYERS;
        return 0;
}

static int take_layer(PullState *state, const json_t *body, PullMessage *ret, Fault *fault) {
        const json_t *again = json_object_get(body, "again");
        uint64_t i;
        PullLayer *layer;

        if (!take_number(body, "layer", &i) || i >= state->n_layers)
                return nonsense(fault, "a layer that is not in the list");
        ret->layer = (size_t) i;
        layer = &state->layers[i];
        if (json_is_true(json_object_get(body, "done"))) {
                layer->done = true;
                if (layer->size > 0)
                        layer->fetched = layer->size;
                ret->news = PULL_NEWS_DONE;
        } else if (json_is_string(again)) {
                layer->fetched = layer->unpacked = 0;
                layer->rate = (PullRate){};
                ret->news = PULL_NEWS_AGAIN;
                ret->text = json_string_value(again);
        } else {
                (void) take_number(body, "fetched", &layer->fetched);
                (void) take_number(body, "unpacked", &layer->unpacked);
                ret->news = PULL_NEWS_PROGRESS;
        }
        return 0;
}

static int take_end(PullState *state, const json_t *end, Fault *fault) {
        const char *id = json_string_value(json_object_get(end, "id"));
        uint64_t number = 0;
        int r;

        if (!id || digest_parse(id, &state->id, NULL) < 0)
                return nonsense(fault, "no image at the end");
        if ((r = doc_strings(end, "names", &state->names, fault)) < 0 ||
                        (r = doc_string(end, "rule", &state->rule, fault)) < 0 ||
                        (r = doc_string(end, "key", &state->key, fault)) < 0)
                return r;
        if (take_number(end, "new", &number))
                state->n_new = (size_t) number;
        number = 0;
        (void) take_number(end, "devices", &number);
        state->devices = (unsigned) number;
        number = 0;
        (void) take_number(end, "attributes", &number);
        state->attributes = (unsigned) number;
        state->phase = PULL_ENDED;
        return 0;
}

int pull_state_take(PullState *state, const json_t *body, int64_t now, PullMessage *ret, Fault *fault) {
        const json_t *layers = json_object_get(body, "layers"), *end = json_object_get(body, "end"),
                     *note = json_object_get(body, "note");
        PullMessage message = {};
        int r = 0;

        (void) now;
        if (json_object_get(body, "error"))
                return wire_raise(body, fault);
        if (json_is_object(end)) {
                message.news = PULL_NEWS_END;
                r = take_end(state, end, fault);
        } else if (json_is_array(layers)) {
                message.news = PULL_NEWS_LIST;
                r = take_list(state, layers, fault);
        } else if (json_is_string(note)) {
                message.news = PULL_NEWS_NOTE;
                message.text = json_string_value(note);
        } else if (json_object_get(body, "layer"))
                r = take_layer(state, body, &message, fault);
        if (r >= 0)
                *ret = message;
        return r;
}

PullTotal pull_state_total(const PullState *state) {
        PullTotal total = {};

        for (size_t i = 0; i < state->n_layers; i++) {
                const PullLayer *layer = &state->layers[i];

                if (layer->have)
                        continue;
                total.n_new++;
                total.n_done += layer->done;
                total.size += layer->size > layer->fetched ? layer->size : layer->fetched;
                total.fetched += layer->fetched;
        }
        return total;
}

/* What was there at the first look is of an earlier try, and says nothing about how fast it goes. */
static void look(PullRate *rate, uint64_t bytes, int64_t now) {
        int64_t passed = now - rate->time;
        double current;

        if (!rate->is_begun || bytes < rate->bytes) {
                *rate = (PullRate){ .bytes = bytes, .time = now, .is_begun = true };
                return;
        }
        if (passed < LOOK_MS)
                return;
        current = (double) (bytes - rate->bytes) * 1000 / (double) passed;
        rate->per_second = rate->per_second > 0 ? INERTIA * rate->per_second + (1 - INERTIA) * current
                                                : current;
        rate->bytes = bytes;
        rate->time = now;
}

void pull_state_look(PullState *state, int64_t now) {
        for (size_t i = 0; i < state->n_layers; i++)
                if (!state->layers[i].done)
                        look(&state->layers[i].rate, state->layers[i].fetched, now);
        if (state->n_layers > 0)
                look(&state->rate, pull_state_total(state).fetched, now);
}
