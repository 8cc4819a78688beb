/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Where an image came from
 *
 * For each name that an image got there is a directory origins/NAME/ID in
 * the store: NAME escaped as in names/, ID of the image. It is made together
 * with the name, and outlives it as long as the image is there, so that a
 * name can be given back to the image that had it.
 *
 *      origin.json     what is below
 *      top             the document that the name led to: an index, or the manifest itself
 *      signatures.json what was signed about it, see image/trust/trust.h
 *      verdict.json    which policy was satisfied by that
 *
 * Reading it needs neither libarchive nor OpenSSL.
 */

#include <stdint.h>

#include "image/digest.h"
#include "image/store.h"

typedef struct Origin {
        char *name;      /* normalised */
        char *transport; /* "docker", "oci", "oci-archive", "docker-archive", "dir", "tarball", … */
        Digest image;
        Digest top;     /* of the document; unset where the transport has none */
        char *platform; /* which image of an index was wanted: "linux/amd64" */
        int64_t time;   /* when it was brought, in seconds since 1970 */
} Origin;

/* Opens the directory. Return: a descriptor, -ENOENT without a fault, -errno with one. */
int origin_open(const Store *store, const char *name, const Digest *image, Fault *fault);

/* Return: 0, -ENOENT without a fault when nothing is known, -errno with one. */
int origin_read(const Store *store, const char *name, const Digest *image, Origin *ret, Fault *fault);

/* Writes origin.json into an open directory. Return: 0 or -errno. */
int origin_write(int dir_fd, const Origin *origin);

void origin_done(Origin *origin);
#define autoorigin AUTO(origin_done)
