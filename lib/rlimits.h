/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Resource limits by name, as in limits.conf(5) and Docker's --ulimit: "nofile", "core". */

/**
 * rlimit_from_name() - find a resource limit
 * @name:       in any case, with or without "RLIMIT_"
 *
 * Return: the resource for setrlimit(2), or -ENOENT.
 */
int rlimit_from_name(const char *name);

/* Lower case and without "rlimit_". Return: NULL for a number that is none. */
const char *rlimit_to_name(int resource);
