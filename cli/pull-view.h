/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How far a pull is, in words
 *
 * Lines for a terminal, one line for a log, one for the service manager.
 * Nothing is printed here.
 */

#include "cli/pull-state.h"

/* "12.3 of 45.6 MiB", or less where less is known. */
typedef struct PullAmount {
        char text[48];
} PullAmount;

PullAmount pull_amount(uint64_t done, uint64_t of);

/* "8.1 MiB/s, 4 s left", as far as it is known; may be empty. */
typedef struct PullPace {
        char text[64];
} PullPace;

PullPace pull_pace(const PullRate *rate, uint64_t left);

/* "pulling NAME: 12.3 of 45.6 MiB, 8.1 MiB/s, 4 s left" */
void pull_view_line(const PullState *state, char *ret, size_t size);

/* "NAME: 7 layers, 3 of them new, 45.6 MiB in 6.2 s" */
void pull_view_summary(const PullState *state, int64_t now, char *ret, size_t size);

/**
 * pull_view_block() - lines for a terminal
 * @width:      columns; no line has more
 * @height:     rows; there are fewer lines, the layers under way before all others
 *
 * Return: lines, NULL when out of memory. They are without control characters.
 */
char **pull_view_block(const PullState *state, unsigned width, unsigned height);
