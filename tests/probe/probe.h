/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Tries system calls that a container may not make, in a way that harms nobody if it may. Prints a line
 * each. */
void probe_syscalls(void);
