/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "lib/fault.h"

/*
 * restore() - make the rules anew, from the records
 *
 * For who has flushed all tables, as nftables.service does when it is reloaded. Records of containers that
 * were killed with all that would have removed them go, too, and so does what has no record at all
 * (orphans.h).
 */
int restore(Fault *fault);

/* The latter alone, with the lock of state.h held. */
int restore_sweep(void);
