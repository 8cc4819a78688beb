/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Changing the store
 *
 * What is new is made in a draft below tmp/, synced, and renamed into place
 * while the store is locked exclusively: layers, then documents, then the
 * image, then its names, so that whatever is there is whole. A draft's
 * directory is locked as long as its maker lives; one that is not is what a
 * killed process left, and the next one to begin a draft removes it. But
 * layers that were finished in it can be adopted, as long as the machine has
 * not been started again: an import that is repeated begins where it ended.
 *
 * A layer that a draft builds upon is pinned: its directory is locked shared,
 * and who removes layers leaves a pinned one alone.
 */

#include "image/digest.h"
#include "image/store.h"

typedef struct Draft {
        Store *store; /* borrowed */
        char *name;   /* below tmp/ */
        int fd;       /* its directory, locked */
} Draft;

/* Opens the store to change it, and makes what is missing of it. */
int store_create(const char *path, Store *ret, Fault *fault);

/* Begins a draft; removes those of the dead. The store must not be locked, and is not afterwards. */
int draft_begin(Store *store, Draft *ret, Fault *fault);

/* The same, but leaves finished layers of the dead for draft_adopt(). Layers are "layer-CHAINID" in the
 * draft, and finished when they have a layer.json. */
int draft_begin_import(Store *store, Draft *ret, Fault *fault);

/**
 * draft_adopt() - take over layers that a dead process had finished
 * @wanted:     chain ids
 * @ret_adopted: set to true for each that is in the draft now
 *
 * The store must not be locked, and is not afterwards.
 */
int draft_adopt(Draft *draft, const Digest *wanted, size_t n, bool *ret_adopted, Fault *fault);

/* Whether a draft that nobody holds is kept for that. */
bool draft_is_kept(int draft_fd);

/* Ends it, but leaves finished layers for who comes next. */
void draft_leave(Draft *draft);

/* Removes drafts of the dead. Writes nothing. The store must not be locked, and is not afterwards. */
int store_bury(Store *store, Fault *fault);

/* Removes what is left of it. */
void draft_end(Draft *draft);
#define autodraft AUTO(draft_end)

/**
 * store_pin() - keep a layer from being removed
 * Return: the open directory of the layer, whose closing is the unpinning; -ENOENT; -errno.
 */
int store_pin(Store *store, const Digest *chain_id);

/**
 * store_sweep() - take out of the store what no image needs
 * @store:      locked exclusively
 * @draft:      where it goes; draft_end() will remove it
 *
 * Return: 0, or -errno with a fault and nothing taken out when not all images can be read.
 */
int store_sweep(Store *store, Draft *draft, Fault *fault);

/* What a full disk, above all, needs to be told. */
int store_failed(const Store *store, int r, const char *what, Fault *fault);
