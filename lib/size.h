/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Amounts of memory and of storage, as people write and read them. */

#include <stdint.h>

/**
 * size_from_text() - bytes from a text as for docker and podman: "64m", "1.5g", "1048576"
 * @text:       digits, maybe with a fraction, and a unit: none or b, k, m, g, t or p in any case, to the
 *              base of 1024, maybe followed by "b" or "ib"
 * @ret:        bytes
 *
 * Return: 0, -EINVAL for what is no size, -ERANGE for what does not fit.
 */
int size_from_text(const char *text, uint64_t *ret);

typedef struct SizeText {
        char text[16];
} SizeText;

/* "0 B", "1.5 KiB", "132.9 MiB". */
SizeText size_to_text(uint64_t bytes);

/* The unit for that, in which a number has at most three digits before the point. Return: bytes in one. */
double size_unit(uint64_t bytes, const char **ret_name);
