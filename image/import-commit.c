/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* From the draft into the store: layers, documents, image, names, in this order. */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/aside.h"
#include "image/hash.h"
#include "image/importer.h"
#include "image/place.h"
#include "image/use.h"
#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/strv.h"

static int write_layer_list(const Plan *plan, int dir_fd) {
        autofree char *text = malloc(plan->n_layers * (DIGEST_HEX + 1) + 1);
        char *at = text;

        if (!text)
                return -ENOMEM;
        *at = '\0';
        for (size_t i = 0; i < plan->n_layers; i++)
                at = stpcpy(stpcpy(at, plan->layers[i].chain_id.hex), "\n");
        return io_create_file(dir_fd, "layers", text, (size_t) (at - text), 0600);
}

/* The image's directory, as it will be in images/. */
static int write_image(Importer *importer) {
        const Plan *plan = &importer->plan;
        autofd int fd = -1;
        int r;

        if (mkdirat(importer->draft.fd, "image", 0700) < 0)
                return -errno;
        fd = openat(importer->draft.fd, "image", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if ((r = io_create_file(fd, "config.json", plan->config, plan->config_size, 0600)) < 0 ||
                        (r = io_create_file(fd, "manifest.json", plan->manifest, plan->manifest_size,
                                         0600)) < 0)
                return r;
        return write_layer_list(plan, fd);
}

/* Somebody else may have brought the same layer meanwhile; theirs is as good as ours. */
static int place_layers(Importer *importer) {
        Store *store = importer->store;
        bool any = false;

        for (size_t i = 0; i < importer->plan.n_layers; i++) {
                char to[16 + DIGEST_HEX];

                if (!importer->work[i].is_new)
                        continue;
                (void) snprintf(to, sizeof(to), "layers/%s", importer->plan.layers[i].chain_id.hex);
                if (renameat2(importer->draft.fd, importer->work[i].name, store->fd, to, RENAME_NOREPLACE) <
                                                0 &&
                                errno != EEXIST)
                        return -errno;
                any = true;
                if (layer_is_marked(store, &importer->plan.layers[i].chain_id)) {
                        int r = layer_exchange(store, &importer->draft, importer->work[i].name,
                                        &importer->plan.layers[i].chain_id);

                        if (r < 0)
                                return r;
                }
                (void) FAULT_POINT("import:have placed a layer");
        }
        return any ? place_sync(store, "layers") : 0;
}

/* One that no image has is what a killed process left, and would be swept: ours takes its place. */
static int place_blob(Importer *importer, const char *file, const Digest *digest) {
        char to[16 + DIGEST_HEX];
        struct stat st;

        (void) snprintf(to, sizeof(to), "blobs/sha256/%s", digest->hex);
        if (fstatat(importer->store->fd, to, &st, AT_SYMLINK_NOFOLLOW) >= 0 && st.st_nlink == 1 &&
                        unlinkat(importer->store->fd, to, 0) < 0)
                return -errno;
        if (linkat(importer->draft.fd, file, importer->store->fd, to, 0) < 0 && errno != EEXIST)
                return -errno;
        return 0;
}

/* An image that is there already keeps the documents that it came with. */
static int place_image(Importer *importer) {
        const Plan *plan = &importer->plan;
        Store *store = importer->store;
        char to[16 + DIGEST_HEX];
        Digest manifest;
        int r;

        (void) snprintf(to, sizeof(to), "images/%s", plan->id.hex);
        if (faccessat(store->fd, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
                image_touch(store, &plan->id);
                return 0;
        }

        if ((r = hash_bytes(plan->manifest, plan->manifest_size, &manifest)) < 0 ||
                        (r = place_blob(importer, "image/config.json", &plan->id)) < 0 ||
                        (r = FAULT_POINT("import:place a document")) < 0 ||
                        (r = place_blob(importer, "image/manifest.json", &manifest)) < 0 ||
                        (r = place_sync(store, "blobs/sha256")) < 0)
                return r;
        if (renameat2(importer->draft.fd, "image", store->fd, to, RENAME_NOREPLACE) < 0)
                return -errno;
        return place_sync(store, "images");
}

static int place_names(Importer *importer) {
        for (size_t i = 0; importer->names && importer->names[i]; i++) {
                int r = place_name(&importer->draft, importer->names[i], &importer->plan.id);

                if (r < 0)
                        return r;
        }
        return place_sync(importer->store, "names");
}

static int place_all(Importer *importer) {
        int r;

        if ((r = FAULT_POINT("import:place the layers")) < 0 || (r = place_layers(importer)) < 0 ||
                        (r = FAULT_POINT("import:place the image")) < 0 || (r = place_image(importer)) < 0 ||
                        (r = import_place_origins(importer)) < 0 ||
                        (r = FAULT_POINT("import:place the names")) < 0)
                return r;
        return place_names(importer);
}

int import_commit(Importer *importer, Fault *fault) {
        Store *store = importer->store;
        int r;

        if ((r = FAULT_POINT("import:write the image")) >= 0)
                r = write_image(importer);
        if (r < 0)
                return store_failed(store, r, "write the image", fault);
        r = import_write_origins(importer, fault);
        if (r < 0)
                return r;

        /* All files of all layers at once; no name leads to them yet. */
        r = FAULT_POINT("import:sync");
        if (r >= 0 && syncfs(importer->draft.fd) < 0)
                r = -errno;
        if (r < 0)
                return store_failed(store, r, "write the image", fault);

        r = store_lock(store, STORE_EXCLUSIVE, fault);
        if (r < 0)
                return r;
        r = place_all(importer);
        if (r < 0)
                r = store_failed(store, r, "put the image in place", fault);
        else /* what an import left that was killed between layers and image; it is no fault of ours if that
                fails */
                (void) store_sweep(store, &importer->draft, NULL);
        store_unlock(store);
        return r;
}
