/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * One pull of a document at a time
 *
 * Who comes second waits, and finds everything there. The lock is a file
 * below tmp/ of the store, called after the document's digest; it goes with
 * the last who holds it.
 */

#include "image/digest.h"
#include "image/store.h"

typedef struct Turn {
        const Store *store;
        char path[32 + DIGEST_HEX];
        int fd;
} Turn;

#define TURN_NONE ((Turn){ .fd = -1 })

/* Return: 1 when it is ours, 0 when somebody else has it, -errno. Does not wait. */
int turn_take(const Store *store, const Digest *document, Turn *ret);
void turn_end(Turn *turn);
