/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From what a person calls an image to what it consists of
 *
 * An image is known by its names, by its id ("sha256:" and 64 digits, or the
 * digits alone), or by the first digits of its id, four at least. A name goes
 * before a few digits: "cafe" is docker.io/library/cafe:latest if there is one.
 */

#include "image/config.h"
#include "image/store.h"

typedef struct Image {
        Digest id;       /* of the config */
        char *name;      /* normalised, if it was asked for by name; NULL otherwise */
        Digest *layers;  /* chain ids, base first */
        char **paths;    /* absolute paths of the unpacked layers, base first */
        size_t n_layers; /* 0 for an image that is empty */
        ImageConfig config;
} Image;

/**
 * image_find() - which image is meant
 * @store:      the store, locked
 * @text:       name, id, or the start of an id
 * @ret_id:     its id
 * @ret_name:   its normalised name when it was found by name, NULL otherwise; may be NULL
 *
 * Return: 0, -ENOENT, -ENOTUNIQ when several ids start so, -EINVAL when it is neither name nor id.
 */
int image_find(Store *store, const char *text, Digest *ret_id, char **ret_name, Fault *fault);

/* All of an image whose id is known. Return: 0 or -errno with a fault. */
int image_load(Store *store, const Digest *id, Image *ret, Fault *fault);

/* Both in one; this is what a launcher wants. */
int image_lookup(Store *store, const char *text, Image *ret, Fault *fault);

void image_done(Image *image);
#define autoimage AUTO(image_done)
