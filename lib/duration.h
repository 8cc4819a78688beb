/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Durations as Go writes them: "30s", "1m30s", "1.5h", "0". */

#include <stdint.h>

/**
 * duration_from_text() - microseconds from a text
 * Return: 0; -EINVAL for what is no duration, or a negative one; -ERANGE for what does not fit.
 */
int duration_from_text(const char *text, uint64_t *ret);
