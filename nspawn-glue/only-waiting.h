/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * To wait, to send signals on, to end
 *
 * A process that stays among those of a container, and does nothing else: the app may be allowed to trace
 * processes, and with this filter it gains nothing by that.
 */

/* All other system calls fail from now on. Return: 0 or -errno. */
int only_waiting_load(void);
