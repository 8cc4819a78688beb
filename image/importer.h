/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files that import share, and slipway-store; for everybody else there is image/import.h. */

#include <pthread.h>

#include "image/change.h"
#include "image/import.h"
#include "image/list.h"

typedef enum LayerState {
        LAYER_WANTED,
        LAYER_TAKEN,    /* somebody is at work */
        LAYER_READ,     /* the archive is unpacked and verified; the rest waits for the layers below */
        LAYER_COMPLETE, /* so could be adopted and named */
} LayerState;

typedef struct Importer Importer;

/* A layer on its way into the store. */
typedef struct LayerWork {
        Importer *importer; /* which it is part of */
        LayerState state;
        char name[8 + DIGEST_HEX + 1]; /* of its directory in the draft */
        int fd;                        /* its directory, in the draft or pinned in the store; -1 before */
        int root_fd;                   /* "fs" in it */
        bool is_new;                   /* it is in the draft */
        LayerInfo info;
        Unpacker *unpacker; /* of one that was read */
        int *below;         /* roots of the layers below, as it wants them */
} LayerWork;

struct Importer {
        Store *store;
        const ImportRequest *request;
        Draft draft;
        Source *source; /* NULL for a root file system */
        Plan plan;
        const char *transport; /* for the record of where it came from */
        char **names;          /* normalised, which it shall have */
        LayerWork *work;       /* one for each layer of the plan */
        size_t n_work;
        UnpackBudget budget;
        int64_t newest; /* the latest time of an entry that was unpacked */
        ImportResult result;

        /* Of those who unpack side by side. */
        pthread_mutex_t mutex;
        pthread_cond_t changed;
        size_t n_complete; /* so many from the base on */
        bool finishing;    /* somebody completes the next one */
        int failed;        /* -errno of the first failure */
        Fault fault;       /* and its words */

        bool has_origins; /* import_write_origins() has been called */

        /* Writes more about where the name @i came from into the directory of its origin; may be NULL. */
        ImportRecord *record;
        void *record_data;
};

#define IMPORTER_EMPTY                                      \
        ((Importer){ .draft.fd = -1,                        \
                        .mutex = PTHREAD_MUTEX_INITIALIZER, \
                        .changed = PTHREAD_COND_INITIALIZER })

/* Frees all, and removes the draft. */
void importer_done(Importer *importer);

/* import.c */

/* Adds to the names those of the request, or of the source. */
int import_choose_names(Importer *importer, Fault *fault);

/* What has come of an import that was committed. */
void import_take_result(Importer *importer, ImportResult *ret);

/* More descriptors than the usual limit. */
void import_allow_many_files(void);

/* import-have.c */

/* Makes room for @n layers to work on. */
int import_expect_layers(Importer *importer, size_t n);

/* Finds out which layers are there already: pinned in the store, or finished by somebody who died. */
int import_find_layers(Importer *importer, Fault *fault);

/* Removes what was unpacked of a layer, so that it can be begun anew. */
int import_discard_layer(Importer *importer, size_t i);

/* import-layer.c */

/* Unpacks layer @i from @from (taken, also on failure) into the draft, and verifies what is known of it. */
int import_read_layer(Importer *importer, size_t i, Stream *from, Fault *fault);

/* The rest, when the layers below are complete. */
int import_complete_layer(Importer *importer, size_t i, Fault *fault);

/* import-layers.c */

/* Where layers come from. Functions are called by several threads. */
typedef struct LayerFeed {
        int (*open)(void *data, size_t i, Stream **ret, Fault *fault);

        /* What came is known to be wrong (-ESTALE): whether to begin anew. NULL: never. */
        bool (*again)(void *data, size_t i, const Fault *why);

        /* It is verified. NULL: nobody needs to know. */
        void (*complete)(void *data, size_t i);

        /* Something has failed: whoever waits for a stream shall wait no more. NULL: streams never wait. */
        void (*stop)(void *data);

        void *data;
} LayerFeed;

/* Unpacks all that are wanted, side by side. */
int import_layers(Importer *importer, const LayerFeed *feed, Fault *fault);

/* Waits until all layers below @i are complete; has the first failure if there was one. */
int import_await_below(Importer *importer, size_t i, Fault *fault);

/* import-rootfs.c */

/* Unpacks an archive of a root file system as the only layer, and makes plan and documents from it. */
int import_rootfs(Importer *importer, const char *path, Fault *fault);

/* import-origin.c */

/* Writes about each name into the draft, once. Syncing that is cheap before much else was written. */
int import_write_origins(Importer *importer, Fault *fault);

/* Moves that into place; the store is locked. */
int import_place_origins(Importer *importer);

/* import-commit.c */

/* Writes documents, syncs, and moves all into place. */
int import_commit(Importer *importer, Fault *fault);

/* import-manifest.c */

/* A manifest for an image whose transport had none; says of layers what is true of their unpacked archives.
 */
int import_make_manifest(Importer *importer, Fault *fault);
