/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Layers that need not come from anywhere: those of the store, and those that somebody had finished. */

#include <fcntl.h>
#include <string.h>

#include "image/aside.h"
#include "image/importer.h"
#include "lib/remove-tree.h"

int import_expect_layers(Importer *importer, size_t n) {
        importer->work = calloc(n + 1, sizeof(LayerWork));
        if (!importer->work)
                return -ENOMEM;
        importer->n_work = n;
        for (size_t i = 0; i < n; i++) {
                LayerWork *work = &importer->work[i];

                work->importer = importer;
                work->fd = work->root_fd = -1;
                (void) snprintf(work->name, sizeof(work->name), "layer-%s",
                                importer->plan.layers ? importer->plan.layers[i].chain_id.hex : "new");
        }
        return 0;
}

static int open_root(LayerWork *work) {
        work->root_fd = openat(work->fd, "fs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return work->root_fd < 0 ? -errno : 0;
}

/* Layers that are there are pinned, so that nobody removes them before the commit. */
static int pin_layers(Importer *importer, Fault *fault) {
        Plan *plan = &importer->plan;
        int r;

        r = store_lock(importer->store, STORE_SHARED, fault);
        if (r < 0)
                return r;
        for (size_t i = 0; i < plan->n_layers && r >= 0; i++) {
                LayerWork *work = &importer->work[i];

                work->fd = store_pin(importer->store, &plan->layers[i].chain_id);
                if (work->fd < 0)
                        continue;
                if (layer_is_marked(importer->store, &plan->layers[i].chain_id)) {
                        (void) close(TAKE_FD(work->fd));
                        continue;
                }
                work->state = LAYER_COMPLETE;
                r = open_root(work);
                if (r < 0)
                        r = store_failed(importer->store, r, "open a layer", fault);
                else
                        r = store_layer_info(importer->store, &plan->layers[i].chain_id, &work->info, fault);
        }
        store_unlock(importer->store);
        return r;
}

/* One that is not what it should be is as good as none. */
static int open_adopted(Importer *importer, size_t i) {
        LayerWork *work = &importer->work[i];

        work->fd = openat(importer->draft.fd, work->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (work->fd >= 0 && layer_info_read(work->fd, &work->info) >= 0 &&
                        digest_equal(&work->info.diff_id, &importer->plan.layers[i].diff_id) &&
                        open_root(work) >= 0) {
                work->state = LAYER_COMPLETE;
                work->is_new = true;
                return 0;
        }
        return import_discard_layer(importer, i);
}

static int adopt_layers(Importer *importer, Fault *fault) {
        size_t n = 0;
        autofree Digest *wanted = calloc(importer->plan.n_layers + 1, sizeof(Digest));
        autofree size_t *which = calloc(importer->plan.n_layers + 1, sizeof(size_t));
        autofree bool *adopted = calloc(importer->plan.n_layers + 1, sizeof(bool));
        int r;

        if (!wanted || !which || !adopted)
                return -ENOMEM;
        for (size_t i = 0; i < importer->plan.n_layers; i++)
                if (importer->work[i].state == LAYER_WANTED) {
                        wanted[n] = importer->plan.layers[i].chain_id;
                        which[n++] = i;
                }
        if (n == 0)
                return 0;

        r = draft_adopt(&importer->draft, wanted, n, adopted, fault);
        for (size_t i = 0; i < n && r >= 0; i++)
                if (adopted[i])
                        r = open_adopted(importer, which[i]);
        return r;
}

int import_find_layers(Importer *importer, Fault *fault) {
        int r;

        if ((r = import_expect_layers(importer, importer->plan.n_layers)) < 0 ||
                        (r = pin_layers(importer, fault)) < 0)
                return r;
        return adopt_layers(importer, fault);
}

int import_discard_layer(Importer *importer, size_t i) {
        LayerWork *work = &importer->work[i];

        if (work->unpacker) {
                unpack_refund(work->unpacker);
                unpacker_free(TAKE(work->unpacker));
        }
        if (work->root_fd >= 0)
                (void) close(TAKE_FD(work->root_fd));
        if (work->fd >= 0)
                (void) close(TAKE_FD(work->fd));
        work->is_new = false;
        work->state = LAYER_WANTED;
        return remove_tree(importer->draft.fd, work->name);
}
