/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What of /proc and /sys a container does not see, or cannot change, unless it is said otherwise. */

#include <stdbool.h>

/* Absolute paths and patterns, ended by NULL. */
extern const char *const masked_paths[];
extern const char *const protected_paths[];

/* Whether --unmask= has @path, a pattern that it matches, or "ALL". @unmasks may be NULL. */
bool masks_are_lifted(const char *path, char *const *unmasks);
