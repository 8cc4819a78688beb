/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What slipway gc is asked for, and how it tells of it. */

#include "cli/gc-plan.h"
#include "cli/listing.h"

typedef struct GcPolicy {
        int64_t before;      /* what was of use after that has not expired; microseconds since 1970 */
        uint64_t keep_bytes; /* free, or */
        double keep_percent; /* of the file system; both 0 for no wish */
} GcPolicy;

/* Reads "10%" or "5G". Return: 0, or -EINVAL with a fault. */
int gc_set_room(GcPolicy *policy, const char *text, Fault *fault);

/* How much is free where the store is, in bytes. */
uint64_t gc_room(const Store *store);

/* Whether there is as much room as is wanted, with so much more. */
bool gc_has_room(const GcPolicy *policy, const Store *store, uint64_t more);

/* A table of all images, or JSON. @is_dry: what would become of them; otherwise those that are gone. */
int gc_print(const GcPlan *plan, const GcPolicy *policy, const Store *store, const ListingStyle *style,
                bool is_dry, Fault *fault);
