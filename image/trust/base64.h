/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Base64 as RFC 4648 has it, with padding and without line breaks: one text has one meaning. */

#include <stddef.h>

/* Return: 0, -EINVAL, -ENOMEM. There is a NUL behind what is decoded. */
int base64_decode(const char *text, char **ret, size_t *ret_size);

/* Return: 0 or -ENOMEM. */
int base64_encode(const void *data, size_t size, char **ret);
