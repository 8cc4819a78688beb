/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * An image on its way out of the store
 *
 * To save and to push it takes the documents as they came, so that the image
 * keeps its id, and the archives of its layers, which are written anew
 * (image/reassemble.h) and compared with their digests on the way.
 */

#include "image/encode.h"
#include "image/store.h"

typedef struct OutgoingLayer {
        Digest chain_id, diff_id;
        int64_t size; /* of the archive */
        int fd;       /* its directory, pinned */
} OutgoingLayer;

typedef struct Outgoing {
        Digest id;
        char *name; /* by which it was asked for; NULL by id */
        char *config;
        size_t config_size;
        char *manifest; /* as it came; what it says of layers is about other archives, mostly */
        size_t manifest_size;
        OutgoingLayer *layers; /* base first */
        size_t n_layers;
} Outgoing;

/* The archive of a layer, or a compressed one. */
typedef struct Blob {
        Digest digest;
        int64_t size;
        int fd; /* a file without a name that has it; -1 if it can be written as it is needed */
        Compression compression;
} Blob;

#define BLOB_NONE ((Blob){ .fd = -1 })

/**
 * outgoing_open() - find an image, and keep its layers from being removed
 * @store:      not locked, and is not afterwards
 * @text:       as for image_find()
 *
 * Return: 0, -errno with a fault; also when a layer cannot be written as an archive.
 */
int outgoing_open(Store *store, const char *text, Outgoing *ret, Fault *fault);

/* The archive of a layer; at its end it has been verified. */
int outgoing_layer(const Outgoing *image, size_t i, Stream **ret, Fault *fault);

/**
 * outgoing_blob() - find out what a layer is when it is compressed
 * @dir_fd:     a file without a name is made there, unless it is not compressed
 */
int outgoing_blob(const Outgoing *image, size_t i, Compression compression, int dir_fd, Blob *ret,
                Fault *fault);

/* The same, but in a file also if it is not compressed. */
int outgoing_spool(const Outgoing *image, size_t i, Compression compression, int dir_fd, Blob *ret,
                Fault *fault);

/* Reads the blob. It may be asked for several times. */
int outgoing_open_blob(const Outgoing *image, size_t i, const Blob *blob, Stream **ret, Fault *fault);

/* What a layer was when it was compressed like this the last time. Return: 0, -ENOENT, -errno. */
int outgoing_known_blob(const Outgoing *image, size_t i, Compression compression, Blob *ret);

/* Lets the file go, and keeps the rest. */
void blob_close(Blob *blob);
void blob_done(Blob *blob);
#define autoblob AUTO(blob_done)

void outgoing_done(Outgoing *image);
#define autooutgoing AUTO(outgoing_done)
