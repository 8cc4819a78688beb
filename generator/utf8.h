/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* UTF-8, as systemd judges it: it drops a line that is not valid, without telling more than the journal. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Return: how many of at most @n bytes make the next character, 0 when they make none. */
size_t utf8_measure(const char *text, size_t n);

/* Return: the first byte that does not belong to a character, NULL when all do. */
const char *utf8_find_invalid(const char *text, size_t n);

/* Writes a character as one to four bytes, without a NUL. Return: how many. */
size_t utf8_encode(uint32_t character, char *ret);

/* Neither a surrogate nor one of the code points that never mean anything. */
bool utf8_is_character(uint32_t character);
