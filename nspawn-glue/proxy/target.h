/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where the container is, as its record among the members of networks says
 *
 * The record is written before the container is started and removed when it
 * is gone, so a change of its directory is all that has to be watched.
 */

#include <stdbool.h>

#include "lib/address.h"
#include "lib/fault.h"
#include "lib/loop.h"

enum { TARGET_ADDRESSES_MAX = 16 };

typedef struct Target {
        LoopWatch watch; /* of the directory */
        const char *name;
        bool is_there;
        Address addresses[TARGET_ADDRESSES_MAX];
        size_t n;
        unsigned generation; /* of the container: another one after each time it was gone */
        uint64_t since;      /* when it was found, see loop_now() */
        void (*on_change)(struct Target *target);
        void *owner;
} Target;

/* Begins to watch; @target has a name and whom to tell. Return: 0, or -errno with a fault. */
int target_open(Target *target, Loop *loop, Fault *fault);
void target_close(Target *target);
