/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What slipway gc is going to do with each image, and why. */

#include "cli/image-rows.h"
#include "cli/needs.h"

typedef struct GcRow {
        ImageRow image;
        int64_t last_use; /* microseconds since 1970, of the directory */
        int64_t since;    /* from when its age counts: the later of that and of when it lost a name */
        char *why;        /* it stays; NULL for what has expired */
        bool is_needed;   /* by somebody, whatever its age and however little room there is */
        bool is_expired;
        bool is_gone; /* when all is done */
} GcRow;

typedef struct GcPlan {
        GcRow *rows; /* those that are not needed come first, the oldest of them first */
        size_t n;
        size_t n_unneeded;
        size_t n_expired; /* of these, the first ones */
} GcPlan;

/**
 * gc_plan_make() - look at all images
 * @store:      locked
 * @wishes:     those who are in doubt need everything
 * @before:     what was of use after that, in microseconds since 1970, has not expired
 *
 * One that cannot be read is warned of, and left out. Return: 0 or -errno with a fault.
 */
int gc_plan_make(Store *store, const Wishes *wishes, int64_t before, GcPlan *ret, Fault *fault);

/* How much room it gives if a row's image goes after all of the rows before it. */
int64_t gc_plan_gain(const GcPlan *plan, size_t row);

void gc_plan_done(GcPlan *plan);
#define autogcplan AUTO(gc_plan_done)
