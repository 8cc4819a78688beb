/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Giving an image that is in the store another name. */

#include "image/digest.h"
#include "image/origin.h"
#include "image/store.h"

/* Called before an image whose origin is known gets a name. Return: 0, or -errno with a fault if it must
 * not.
 *
 * @from_fd: origin of the image by the name that it has
 * @to_fd: of the new one, to be added to
 */
typedef int TagRecord(void *data, const Origin *origin, int from_fd, int to_fd, Fault *fault);

typedef struct TagResult {
        Digest id;
        char **names; /* normalised, that it has now */
} TagResult;

/**
 * image_tag() - give an image names
 * @store:      opened with store_create(), not locked
 * @source:     as for image_find()
 * @targets:    as a person writes them; an image that has one of them loses it
 * @record:     may be NULL
 *
 * All or none, but that power may go in between. Return: 0 or -errno with a fault.
 */
int image_tag(Store *store, const char *source, char *const *targets, TagRecord *record, void *data,
                TagResult *ret, Fault *fault);

void tag_result_done(TagResult *result);
