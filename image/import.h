/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Bringing an image into the store
 *
 * Read what the source has (image/plan.h), unpack the layers that the store
 * has not yet, side by side, verify each, and commit all at once (image/change.h). When it
 * fails, at whatever point, the store is what it was.
 */

#include "image/plan.h"
#include "image/store.h"
#include "image/unpack.h"

/* Is told how much of a layer was unpacked, often, by one thread at a time. Return: whether to go on. */
typedef bool ImportProgress(void *data, size_t layer, size_t n_layers, uint64_t bytes);

/**
 * ImportDecide() - is asked whether an image may get its names, before any of it is put in place
 * @transport:  how it comes
 * @names:      normalised; NULL for none
 * @top:        digest of the document that it all began with; unset where there is none
 */
typedef int ImportDecide(
                void *data, const char *transport, char *const *names, const Digest *top, Fault *fault);

/* Writes what was decided about the name at @i into the directory of its origin. */
typedef int ImportRecord(void *data, size_t i, int dir_fd, Fault *fault);

typedef struct ImportRequest {
        const char *source; /* "TRANSPORT:PLACE[:TAG]", or an archive of a root file system; "-" is stdin */
        char *const *names; /* as a person writes them; NULL for those of the source */
        Platform platform;
        bool platform_is_given;
        UnpackBudget budget;
        const ImageConfig *process; /* what a root file system shall start; NULL if nothing was said */

        ImportProgress *progress; /* may be NULL */
        void *progress_data;

        ImportDecide *decide; /* may be NULL: then nobody is asked */
        ImportRecord *record;
        void *decide_data;
} ImportRequest;

typedef struct ImportResult {
        Digest id;
        char **names; /* it has now, of those that this import gave it */
        size_t n_layers;
        size_t n_new;                 /* of them, unpacked by this import */
        uint64_t bytes;               /* of content that was unpacked */
        unsigned devices, attributes; /* left out */
} ImportResult;

/* The store must have been opened with store_create(), and not be locked. Return: 0 or -errno with a fault.
 */
int image_import(Store *store, const ImportRequest *request, ImportResult *ret, Fault *fault);

void import_result_done(ImportResult *result);

/* Whether @source is one to which the settings of a root file system apply. */
bool import_is_rootfs(const char *source);
