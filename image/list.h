/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is in the store: names, images, and which containers use them. */

#include "image/digest.h"
#include "image/store.h"

typedef struct NameEntry {
        char *name; /* normalised */
        Digest id;
} NameEntry;

typedef struct NameList {
        NameEntry *items; /* sorted by name */
        size_t n;
} NameList;

typedef struct IdList {
        Digest *items; /* sorted */
        size_t n;
} IdList;

/* The store must be locked. Both return 0 or -errno with a fault; a store without images has none. */
int store_list_names(Store *store, NameList *ret, Fault *fault);
int store_list_images(Store *store, IdList *ret, Fault *fault);

/* All subdirectories whose names are digests: "images", "layers", "blobs/sha256". Others are not ours. */
int store_list_digests(Store *store, const char *directory, IdList *ret, Fault *fault);

/* The name of a container that uses the image. Return: 0, -ENOENT when none does, -errno with a fault. */
int store_find_user(Store *store, const Digest *id, char **ret_container, Fault *fault);

/* What is kept about an unpacked layer. */
typedef struct LayerInfo {
        Digest diff_id;
        int64_t archive_size; /* of the archive, unpacked */
        int64_t size;         /* of its files */
        int64_t entries;
} LayerInfo;

int store_layer_info(Store *store, const Digest *chain_id, LayerInfo *ret, Fault *fault);

/* The same of an open layer, which may be in a draft. Return: 0 or -errno. */
int layer_info_read(int layer_fd, LayerInfo *ret);

void name_list_done(NameList *list);
void id_list_done(IdList *list);
void id_list_sort(IdList *list);
bool id_list_has(const IdList *list, const Digest *id);
