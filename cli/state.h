/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Where the store is: $SLIPWAY_STATE_DIR, for tests, or the system's. Only the verbs look at the variable.
 */
const char *state_directory(void);
