/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the store has under a name, before anybody is asked. */

#include "image/digest.h"
#include "image/platform.h"
#include "image/registries/plan.h"

typedef struct PullCurrent {
        bool is_here; /* whole, under all names that are asked for, and for the platform */
        bool top_is_known;
        bool is_trusted; /* by the policy and keys of today; else who has signed it meanwhile is to be asked
                          */
        Digest id;
        Digest top; /* of the document that the name led to, see image/origin.h */
} PullCurrent;

/* Return: 0, also when there is nothing; -errno with a fault. */
int pull_current_read(const RegistryPlan *plan, const Platform *platform, PullCurrent *ret, Fault *fault);
