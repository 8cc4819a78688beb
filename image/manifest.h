/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Manifests and indexes
 *
 * An index lists manifests, for platforms or by name; a manifest lists a
 * config and layers. Both are JSON and look alike, and a document that one
 * reader takes for the one and another for the other would be two images
 * under one digest (CVE-2021-41190). So what the document says it is, what
 * the pointer to it said and what fields it has must agree.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "image/digest.h"
#include "lib/cleanup.h"

#define MEDIA_OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define MEDIA_OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_OCI_CONFIG "application/vnd.oci.image.config.v1+json"
#define MEDIA_OCI_LAYER "application/vnd.oci.image.layer.v1.tar"

typedef struct Descriptor {
        char *media_type; /* NULL when it does not say */
        Digest digest;
        int64_t size;
        char *os, *architecture, *variant; /* NULL when it does not say */
        char *ref_name;                    /* org.opencontainers.image.ref.name */
        char *image_name;                  /* io.containerd.image.name */
        bool is_attestation;               /* says something about an image, and is none */
        bool has_urls;                     /* is to be had elsewhere, and not from who has the manifest */
} Descriptor;

typedef enum ManifestKind {
        MANIFEST_IMAGE, /* items are layers */
        MANIFEST_INDEX, /* items are manifests and indexes */
} ManifestKind;

typedef struct Manifest {
        ManifestKind kind;
        Descriptor config; /* of an image */
        Descriptor *items;
        size_t n_items;
} Manifest;

/**
 * manifest_parse() - read a manifest or an index
 * @text:       its bytes, already checked against their digest
 * @media_type: what the pointer to it said, NULL if nothing did
 *
 * Return: 0, or -errno with a fault; schema 1 is refused by name.
 */
int manifest_parse(const char *text, size_t size, const char *media_type, Manifest *ret, Fault *fault);

/* Whether a media type is one of the layers that we unpack; NULL is. */
bool media_type_is_layer(const char *media_type);
bool media_type_is_config(const char *media_type);

void descriptor_done(Descriptor *descriptor);
void manifest_done(Manifest *manifest);
#define automanifest AUTO(manifest_done)
