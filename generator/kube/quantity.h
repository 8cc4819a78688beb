/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Quantities as Kubernetes writes them: "500m", "1.5", "1e3", "128Mi", "2G". */

#include <stdint.h>

/**
 * quantity_parse() - read one
 * @ret:        in thousandths, rounded up
 *
 * Return: 0, -EINVAL for what is none, -ERANGE for what is negative or larger than a thousandth of
 * INT64_MAX.
 */
int quantity_parse(const char *text, int64_t *ret);
