/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * To a registry
 *
 * A registry is not sent what it has: for each layer it is asked for the blob
 * that the image came with, and for the one that an earlier push has made.
 * What it lacks is compressed into a file without a name, since its digest
 * has to be known, and sent. The config goes as it is, so the image keeps its
 * id; if all layers are those that it came with, so does its manifest.
 */

#include "image/fetch.h"
#include "image/outgoing.h"

typedef struct PushRequest {
        const char *reference; /* a tag, or "sha256:HEX" which must come true */
        const char *from;      /* repository on the same registry that may have the layers; NULL for none */
        Compression compression;
        bool compression_is_given; /* so that layers which came otherwise are compressed anew */
        int tmp_fd;                /* directory for files without a name */

        /* Is told when a layer is there, by one thread at a time; may be NULL. */
        void (*done)(void *data, size_t layer, size_t n_layers, const Blob *blob, bool was_sent);
        void *data;
} PushRequest;

typedef struct PushResult {
        Digest manifest;
        size_t n_sent;
        uint64_t bytes; /* that were sent */
} PushResult;

/* @fetch: begun, with endpoints for pushing. Return: 0 or -errno with a fault. */
int image_push(Fetch *fetch, const Outgoing *image, const PushRequest *request, PushResult *ret,
                Fault *fault);
