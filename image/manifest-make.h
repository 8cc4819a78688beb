/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Manifests for images on their way out, whose layers are not compressed as they once were. */

#include "image/outgoing.h"

typedef struct MadeManifest {
        char *text;
        size_t size;
        const char *media_type;
        Digest digest;
} MadeManifest;

/**
 * manifest_make() - the manifest of an image with these layers
 * @blobs:      one for each layer
 * @docker:     Docker's media types instead of OCI's, unless a layer is compressed as Docker has no word for
 *
 * That with which the image came is taken if it says the same, so that its digest stays.
 */
int manifest_make(const Outgoing *image, const Blob *blobs, bool docker, MadeManifest *ret);

void made_manifest_done(MadeManifest *manifest);
