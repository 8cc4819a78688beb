/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdint.h>

/*
 * Times as Docker's users type them, for journalctl(1)
 *
 * "10m" is ten minutes ago, "1700000000" a time of Unix, "2026-01-31T12:00:00Z" one of RFC 3339. What is
 * none of these is systemd's own, see systemd.time(7), and stays as it is. Return: a new text, NULL when out
 * of memory.
 */
char *journal_time(const char *text);

/* The same in microseconds since 1970, for what is not passed on. Return: 0, or -EINVAL. */
int journal_time_parse(const char *text, uint64_t *ret);
