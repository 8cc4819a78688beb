/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The verbs of the small program, see front.h. */

#include "cli/verbs.h"

/* clang-format off */
const Verb verbs[] = {
        VERB_EXEC,
};
/* clang-format on */
const size_t n_verbs = sizeof(verbs) / sizeof(verbs[0]);
