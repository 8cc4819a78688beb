/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How far a pull is
 *
 * What slipway-store tells (image/pull.h), added up. Knows no clock but what
 * it is given, and prints nothing: cli/pull-view.h makes words of it.
 */

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/digest.h"
#include "lib/fault.h"

/* How fast something goes, smoothed, so that a person can read it. */
typedef struct PullRate {
        uint64_t bytes;    /* at the last look */
        int64_t time;      /* of that, in milliseconds */
        double per_second; /* 0 when not known yet */
        bool is_begun;
} PullRate;

typedef struct PullLayer {
        Digest digest; /* of the archive; unset when the store did not say */
        uint64_t size; /* of the archive, 0 when not known */
        uint64_t fetched, unpacked;
        bool have; /* it was there before */
        bool done;
        PullRate rate;
} PullLayer;

typedef enum PullPhase {
        PULL_ASKING, /* what there is */
        PULL_LAYERS,
        PULL_ENDED,
} PullPhase;

typedef struct PullState {
        const char *name; /* borrowed */
        PullPhase phase;
        PullLayer *layers;
        size_t n_layers;
        int64_t begin; /* milliseconds */
        PullRate rate; /* of all that is fetched */
        Digest id;     /* once it has ended */
        size_t n_new;
        unsigned devices, attributes; /* left out */
        char **names;                 /* it has now */
        char *rule, *key;             /* what has decided that it may be used; NULL when that was not told */
        bool was_current;             /* nothing had to be done */
        bool was_asked;               /* and the registry has said so */
} PullState;

typedef enum PullNews {
        PULL_NEWS_NONE,
        PULL_NEWS_LIST,     /* of layers */
        PULL_NEWS_PROGRESS, /* of one */
        PULL_NEWS_DONE,     /* with one */
        PULL_NEWS_AGAIN,    /* with one, and @text says why */
        PULL_NEWS_NOTE,     /* @text */
        PULL_NEWS_END,
} PullNews;

typedef struct PullMessage {
        PullNews news;
        size_t layer;
        const char *text; /* borrowed from the message, not tamed */
} PullMessage;

/**
 * pull_state_take() - add up what a message says
 * @now:        milliseconds
 *
 * Return: 0; -errno with a fault when it has failed, or when the message makes no sense.
 */
int pull_state_take(PullState *state, const json_t *body, int64_t now, PullMessage *ret, Fault *fault);

/* What is to be fetched, and how much of that is here. Layers whose size is not known count as far as they
 * are. */
typedef struct PullTotal {
        uint64_t size, fetched;
        size_t n_new, n_done; /* layers that were not there before */
} PullTotal;

PullTotal pull_state_total(const PullState *state);

/* To be called at times: rates are of what has come since. */
void pull_state_look(PullState *state, int64_t now);

void pull_state_done(PullState *state);
