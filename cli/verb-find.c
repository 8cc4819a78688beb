/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <stdlib.h>
#include <string.h>

#include "cli/verbs.h"
#include "lib/nearest.h"

static int compare_name(const void *name, const void *verb) {
        return strcmp(name, ((const Verb *) verb)->name);
}

const Verb *verb_find(const char *name) {
        return bsearch(name, verbs, n_verbs, sizeof(Verb), compare_name);
}

const Verb *verb_nearest(const char *name) {
        const Verb *nearest = NULL;
        size_t best = nearest_limit(name) + 1;

        for (size_t i = 0; i < n_verbs; i++) {
                size_t distance = nearest_distance(name, verbs[i].name);

                if (distance < best) {
                        best = distance;
                        nearest = &verbs[i];
                }
        }
        return nearest;
}
