/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * When an image was last of use, and which are not to be removed
 *
 * The time is that of the image's directory: whoever brings an image, gives it
 * a name or starts a container of it sets it anew. A pin is a file in pins/
 * that is called like the name, escaped as in names/.
 */

#include <stdint.h>

#include "image/digest.h"
#include "image/store.h"

/* The image is of use now. Needs the lock, shared will do. What cannot be written is as old as it was. */
void image_touch(const Store *store, const Digest *id);

/* Return: 0 with microseconds since 1970, or -errno. */
int image_last_use(const Store *store, const Digest *id, int64_t *ret);

/* When a name came to lead to what it leads to now. Return: as above. */
int image_name_since(const Store *store, const char *name, int64_t *ret);

/**
 * pin_add() - keep what a name leads to, now and later
 * @text:       a name as a person writes it, or the id of an image
 * @ret:        what is pinned: a normalised name, or "sha256:HEX"; may be NULL
 *
 * Needs the lock exclusively. Return: 0, also if it was pinned already; -errno with a fault.
 */
int pin_add(Store *store, const char *text, char **ret, Fault *fault);

/* Return: 0; -ENOENT with a fault when it is not pinned; -errno with a fault. */
int pin_remove(Store *store, const char *text, char **ret, Fault *fault);

/* What is pinned, sorted. Return: 0 or -errno with a fault. */
int pin_list(const Store *store, char ***ret, Fault *fault);
