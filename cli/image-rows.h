/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What verbs tell about images, collected from the store. */

#include "image/list.h"
#include "image/lookup.h"

typedef struct ImageRow {
        Image image;
        char **names;    /* all that it has */
        Digest manifest; /* the digest of its manifest */
        LayerInfo *layers;
        int64_t size; /* of all layers together */
} ImageRow;

/* One image, with all its names from a list of them all. The store must be locked. */
int image_row_load(Store *store, const Digest *id, const NameList *names, ImageRow *ret, Fault *fault);

/* As JSON; @brief leaves config and layers out. Return: NULL when out of memory. */
struct json_t *image_row_json(const ImageRow *row, bool brief);

void image_row_done(ImageRow *row);
