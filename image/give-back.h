/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Giving a name back to the image that had it. */

#include "image/digest.h"
#include "image/store.h"

/**
 * image_give_back() - have a name lead to another image again
 * @store:      opened with store_create(), not locked
 * @name:       normalised
 * @id:         an image of the store that had the name before
 *
 * What is known of where that image came from, and who has signed it, is kept with the name and the image,
 * and is not touched. Return: 0, -ENOENT when the image is not there any more, -errno; all with a fault.
 */
int image_give_back(Store *store, const char *name, const Digest *id, Fault *fault);
