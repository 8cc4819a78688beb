/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Images that did not do
 *
 * An image that was taken back is not tried again before the registry has another one. What is remembered of
 * it, in a file for each name, is its id and the digest of the document that the name led to.
 */

#include <stdbool.h>

#include "image/digest.h"

/* For tests: another directory than /var/lib/slipway/update. NULL for that. */
bool update_is_bad(const char *directory, const char *name, const Digest *digest);

/* Whether what the registry has for a name is such a one, which is said. */
bool update_keeps_away(const char *name, const Digest *top);

/* Adds both; one that is unset is left out. Return: 0 or -errno. */
int update_remember_bad(const char *directory, const char *name, const Digest *image, const Digest *top);

/* It has something that does. */
void update_forget_bad(const char *directory, const char *name);
