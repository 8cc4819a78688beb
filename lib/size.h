/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Amounts of memory, as people write them for docker and podman: "64m", "1.5g", "1048576". */

#include <stdint.h>

/**
 * size_from_text() - bytes from a text
 * @text:       digits, maybe with a fraction, and a unit: none or b, k, m, g, t or p in any case, to the
 *              base of 1024, maybe followed by "b" or "ib"
 * @ret:        bytes
 *
 * Return: 0, -EINVAL for what is no size, -ERANGE for what does not fit.
 */
int size_from_text(const char *text, uint64_t *ret);
