/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Writing images as files
 *
 * What image/plan.h reads is written here: an OCI layout; what "docker save"
 * writes today, which is an OCI layout as well, so that old and new readers
 * find what they look for; what skopeo calls "dir:".
 */

#include <jansson.h>

#include "image/outgoing.h"
#include "image/sink.h"

typedef enum LayoutKind {
        LAYOUT_DOCKER, /* index.json and manifest.json */
        LAYOUT_OCI,
        LAYOUT_DIR, /* holds one image */
} LayoutKind;

typedef struct Layout {
        Sink *sink; /* borrowed */
        LayoutKind kind;
        Compression compression; /* of layers */
        int tmp_fd;              /* directory for files without a name, if layers are compressed */
        json_t *index, *rows;    /* of index.json and manifest.json */
} Layout;

int layout_begin(
                Sink *sink, LayoutKind kind, Compression compression, int tmp_fd, Layout *ret, Fault *fault);

/**
 * layout_add() - write an image
 * @names:      normalised, by which it shall be found; NULL for none
 * @reference:  what an OCI layout shall call it besides; NULL for the tags of @names
 * @ret:        digest of its manifest there; may be NULL
 */
int layout_add(Layout *layout, const Outgoing *image, char *const *names, const char *reference, Digest *ret,
                Fault *fault);

/* Writes what leads to the images. */
int layout_end(Layout *layout, Fault *fault);

void layout_done(Layout *layout);
