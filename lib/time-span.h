/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Time spans as systemd.time(7) writes them: "90", "1min 30s", "1.5h", "infinity". */

#include <stdint.h>

/* Return: 0 with microseconds, UINT64_MAX for "infinity"; -EINVAL; -ERANGE. */
int time_span_parse(const char *text, uint64_t *ret);
