/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files that import share; for everybody else there is image/import.h. */

#include "image/change.h"
#include "image/import.h"
#include "image/list.h"

/* A layer on its way into the store. */
typedef struct LayerWork {
        int fd;      /* its directory, in the draft or pinned in the store; -1 before */
        int root_fd; /* "fs" in it */
        bool is_new; /* it is in the draft, as layer-N */
        LayerInfo info;
} LayerWork;

typedef struct Importer {
        Store *store;
        const ImportRequest *request;
        Draft draft;
        Source *source; /* NULL for a root file system */
        Plan plan;
        char **names;    /* normalised, which it shall have */
        LayerWork *work; /* one for each layer of the plan */
        size_t n_work;
        UnpackBudget budget;
        int64_t newest; /* the latest time of an entry that was unpacked */
        ImportResult result;
} Importer;

/* import-layer.c */

/* Makes room for @n layers to work on. */
int import_expect_layers(Importer *importer, size_t n);

/* Unpacks layer @i from @from (taken, also on failure) into the draft, and verifies what is known of it. */
int import_layer(Importer *importer, size_t i, Stream *from, Fault *fault);

/* import-rootfs.c */

/* Unpacks an archive of a root file system as the only layer, and makes plan and documents from it. */
int import_rootfs(Importer *importer, const char *path, Fault *fault);

/* import-commit.c */

/* Writes documents, syncs, and moves all into place. */
int import_commit(Importer *importer, Fault *fault);

/* import-manifest.c */

/* A manifest for an image whose transport had none; says of layers what is true of their unpacked archives.
 */
int import_make_manifest(Importer *importer, Fault *fault);
