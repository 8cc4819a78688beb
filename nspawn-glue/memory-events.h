/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the kernel has counted in the control group of the unit that we are in, in either hierarchy. */

#include <stdbool.h>
#include <stdint.h>

/**
 * memory_events_read() - whether memory was short
 * @ret_kills:  how many processes were killed for it
 * @ret_limit:  how much the unit may have, 0 without a limit
 *
 * Return: 0; -ENODATA where nobody counts.
 */
int memory_events_read(uint64_t *ret_kills, uint64_t *ret_limit);

/* Whether a process of the unit was not made because TasksMax= of it was reached, or of a slice. */
bool task_was_refused(void);
