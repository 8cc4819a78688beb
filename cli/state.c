/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/state.h"

#include <stdlib.h>

#include "lib/paths.h"

const char *state_directory(void) {
        const char *directory = secure_getenv("SLIPWAY_STATE_DIR");

        return directory && *directory ? directory : SLIPWAY_STATE_DIR;
}
