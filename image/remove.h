/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Taking names and images out of the store. */

#include "image/change.h"

typedef struct Removal {
        char **names; /* that are no more */
        Digest id;
        bool is_gone; /* the image itself, not only a name */
} Removal;

/**
 * image_remove() - remove an image or one of its names
 * @store:      opened with store_create(), not locked
 * @text:       a name, which goes; the image goes with its last name; or an id, which means the image
 * @force:      by id, also when it has several names
 *
 * An image that a container uses stays, whatever is said. Layers that no image needs go as well.
 *
 * Return: 0; -ENOENT; -EBUSY with the container's name in the fault; -ENOTUNIQ when it has several names;
 * -errno.
 */
int image_remove(Store *store, const char *text, bool force, Removal *ret, Fault *fault);

void removal_done(Removal *removal);
