/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Taking images out of the store that nobody needs
 *
 * Who needs what is not known here but for containers: the caller has looked,
 * and says what it saw. An image that was used or got a name since then stays.
 *
 * Nothing is written: what goes is renamed into tmp/, where it is a draft of
 * the dead, and removed from there without the store being locked. So this
 * works on a disk that is full.
 */

#include "image/change.h"

typedef struct Candidate {
        Digest id;
        int64_t last_use;   /* as it was seen */
        char *const *names; /* all it had, sorted as store_list_names() has them; borrowed */
        bool is_gone;       /* result */
} Candidate;

/**
 * store_collect() - remove images, and whatever no image needs
 * @store:      not locked, and is not afterwards
 * @candidates: images to remove; with none, only leftovers are removed
 *
 * Return: 0 or the first -errno with a fault; is_gone of each is right also then.
 */
int store_collect(Store *store, Candidate *candidates, size_t n, Fault *fault);
