/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What an import is going to do
 *
 * A transport is a way to lay out an image: an OCI directory, what "docker
 * save" writes, what "skopeo copy dir:" writes. Each is read into the same
 * plan, with every document checked against its digest; nothing has been
 * unpacked by then, and nothing is in the store.
 */

#include "image/config.h"
#include "image/platform.h"
#include "image/source.h"

typedef struct PlanLayer {
        char *file;   /* in the source */
        Digest blob;  /* of the file; unset when nobody told */
        int64_t size; /* of the file; -1 when nobody told */
        Digest diff_id, chain_id;
} PlanLayer;

typedef struct Plan {
        Digest id;
        char *config;
        size_t config_size;
        ImageConfig parsed;

        /* NULL when the transport has none of its own; made after unpacking, then. */
        char *manifest;
        size_t manifest_size;

        /* The document that all began with, an index or the manifest; NULL when there is none. Its digest is
         * the first of @digests. */
        char *top;
        size_t top_size;

        Digest *digests; /* by which the source knows it: of the manifest, and of indexes on the way */
        size_t n_digests;

        PlanLayer *layers; /* base first */
        size_t n_layers;

        char **names; /* normalised, as the source has them */
} Plan;

/* What of a source is wanted. */
typedef struct PlanRequest {
        const char *tag; /* which image, if there are several; NULL for the only one */
        const Platform *platform;
        bool platform_is_given; /* by a person, who may want one that this machine does not run */
} PlanRequest;

/* One for each transport. Return: 0 or -errno with a fault. */
int plan_oci(Source *source, const PlanRequest *request, Plan *plan, Fault *fault);
int plan_dir(Source *source, const PlanRequest *request, Plan *plan, Fault *fault);
int plan_docker(Source *source, const PlanRequest *request, Plan *plan, Fault *fault);

/* Reads a manifest, or a config. What comes is compared with size and digest by who asks. */
typedef int PlanRead(void *data, const Digest *digest, int64_t size, bool is_manifest, char **ret,
                size_t *ret_size, Fault *fault);

/**
 * plan_registry() - an image of a registry
 * @top:        what its name led to, an index or a manifest
 * @media_type: as the registry said; NULL if it did not
 *
 * Layers have no files.
 */
int plan_registry(PlanRead *read, void *data, const char *top, size_t size, const char *media_type,
                const PlanRequest *request, Plan *plan, Fault *fault);

/* For those who write such a function. */

/* Keeps a copy of the document that all begins with, and its digest. */
int plan_take_top(Plan *plan, const char *text, size_t size);

/* Takes the config, which must be as its digest says (if it is set); fills id, parsed, and names of layers.
 */
int plan_take_config(Plan *plan, char *config, size_t size, const Digest *digest, const PlanRequest *request,
                Fault *fault);

/* Normalises a name the source has for the image, and adds it. */
int plan_add_name(Plan *plan, const char *name, Fault *fault);

int plan_add_digest(Plan *plan, const Digest *digest);

void import_plan_done(Plan *plan);
#define autoplan AUTO(import_plan_done)
