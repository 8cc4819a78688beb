/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* ["a JSON", "array of", "strings"], as Entrypoint= and HealthCmd= take it, without a library. */

#include "lib/fault.h"

/**
 * json_words_parse() - the strings of an array
 * @text:       begins with '['
 * @words:      list that they are appended to, and which is never NULL afterwards
 *
 * Return: 0, -EINVAL with a fault, -ENOMEM.
 */
int json_words_parse(const char *text, char ***words, Fault *fault);
