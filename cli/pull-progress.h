/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Telling how far a pull is
 *
 * To a person at a terminal in lines that are drawn anew, to a log in lines
 * that stay, to a program as one JSON object a line, to the service manager
 * as the unit's status, or to nobody.
 */

#include "cli/pull-state.h"

typedef enum PullAudience {
        PULL_NOBODY,
        PULL_TERMINAL, /* standard error is one */
        PULL_LOG,
        PULL_PROGRAM, /* reads JSON from standard output */
        PULL_MANAGER,
} PullAudience;

typedef struct PullProgress {
        PullAudience audience;
        PullState *state;
        int64_t last; /* when it was told */
        uint64_t last_bytes;
        size_t *widths; /* of the lines on the terminal, to be drawn over */
        size_t n_widths;
} PullProgress;

/* Milliseconds of a clock that nobody sets. */
int64_t pull_now(void);

void pull_progress_begin(PullProgress *progress, PullAudience audience, PullState *state);

/* What a message has said; to be called for each. */
void pull_progress_news(PullProgress *progress, const PullMessage *message);

/* To be called often: it decides by itself when to tell. @ret_wait: how many milliseconds nothing has to be
 * done. */
void pull_progress_tick(PullProgress *progress, int *ret_wait);

/* The lines that were drawn are gone afterwards, and nothing is told any more but how it has ended. */
void pull_progress_end(PullProgress *progress);

/* That it is well. */
void pull_progress_success(PullProgress *progress);

/* That it has failed; the fault is reported by others. */
void pull_progress_failure(PullProgress *progress, const Fault *fault);
