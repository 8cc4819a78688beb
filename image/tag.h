/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Giving an image that is in the store another name. */

#include "image/digest.h"
#include "image/store.h"

typedef struct TagResult {
        Digest id;
        char **names; /* normalised, that it has now */
} TagResult;

/**
 * image_tag() - give an image names
 * @store:      opened with store_create(), not locked
 * @source:     as for image_find()
 * @targets:    as a person writes them; an image that has one of them loses it
 *
 * All or none, but that power may go in between. Return: 0 or -errno with a fault.
 */
int image_tag(Store *store, const char *source, char *const *targets, TagResult *ret, Fault *fault);

void tag_result_done(TagResult *result);
