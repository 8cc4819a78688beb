/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From one descriptor to another
 *
 * Copies what comes as fast as it goes, in a loop over poll(2) that does other
 * things as well. Neither descriptor is owned, or has its flags changed.
 */

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

#include "cli/detach-keys.h"

enum { PUMP_SIZE = 16 * 1024 };

typedef struct Pump {
        int from, to;
        DetachKeys *keys; /* looked for in what passes; may be NULL */
        bool has_detached;
        bool has_ended; /* nothing more comes, and all that came has gone */
        bool is_broken; /* the other end takes nothing any more */
        size_t begin, end;
        char data[PUMP_SIZE + DETACH_KEYS_MAX];
} Pump;

/* Says what there is to wait for, in two entries, of which either may have a descriptor of -1. */
void pump_wait(const Pump *pump, struct pollfd wait[2]);

/* Reads and writes what poll(2) said can be. */
void pump_move(Pump *pump, const struct pollfd wait[2]);

/* Moves all that is there already, without waiting for more. */
void pump_drain(Pump *pump);
