/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the files that unpack a layer share; for everybody else there is image/unpack.h. */

#include <limits.h>

#include "image/attributes.h"
#include "image/unpack.h"

typedef enum LateKind {
        LATE_OPAQUE,
        LATE_WHITEOUT,
        LATE_DIRECTORY, /* last, since the others change its time */
        _LATE_KIND_MAX,
} LateKind;

/* Something that has to wait for the end of the archive, and for the layers below. */
typedef struct Late {
        Attributes attributes; /* of a directory */
        bool implied;          /* unless there is a directory below that has better ones */
} Late;

/* There can be hundreds of thousands, so they lie packed, each path without what it shares with the last
 * one. */
typedef struct LateList {
        char *records;
        size_t used, room;
        char last[PATH_MAX];
} LateList;

struct Unpacker {
        Tar *tar;
        int root_fd;
        UnpackBelow *below;
        void *below_data;
        int *roots; /* this layer's and those below it, as tree_find() wants them; NULL until they are needed
                     */
        size_t n_roots;
        UnpackBudget *budget;
        UnpackResult result;

        LateList late[_LATE_KIND_MAX];

        char parent[PATH_MAX]; /* the directory that was used last, since its neighbours follow */
        int parent_fd;         /* -1 when there is none */
};

/* One entry on its way. */
typedef struct Entry {
        struct archive_entry *archive;
        char path[PATH_MAX]; /* normalised */
        Attributes attributes;
} Entry;

/* unpack.c */

/* Waits for the layers below, and fills in the roots. */
int unpack_need_below(Unpacker *unpacker, Fault *fault);

/* Takes @n from what is left. Return: false if it is not enough. */
bool budget_take(uint64_t *left, uint64_t n);

/* unpack-parent.c */

/**
 * unpack_parent() - open the directory that something goes into, and make it if need be
 * @path:       normalised path of the directory
 * @mtime:      for directories that have to be made and are not known below
 *
 * Return: a descriptor that stays the unpacker's and is good until the next call, -errno with a fault.
 */
int unpack_parent(Unpacker *unpacker, const char *path, const struct timespec *mtime, Fault *fault);
void unpack_forget_parent(Unpacker *unpacker);

/* unpack-node.c */

/* Makes what the entry is, in the place of what is there. */
int unpack_node(Unpacker *unpacker, Entry *entry, Fault *fault);

/* Takes @bytes from the budget. */
int unpack_spend(Unpacker *unpacker, uint64_t bytes, Fault *fault);

/* unpack-link.c */
int unpack_hard_link(Unpacker *unpacker, Entry *entry, int dir_fd, const char *name, Fault *fault);

/* Removes what is in the way. */
int unpack_clear(Unpacker *unpacker, int dir_fd, const char *name, Fault *fault);

/* late-list.c */

int late_add(Unpacker *unpacker, LateKind kind, const char *path, const Late *late, Fault *fault);

/**
 * late_next() - the next one of a list
 * @at:         0 for the first; moved on
 * @path:       buffer of PATH_MAX bytes with the path of the one before
 *
 * Return: false at the end. More may be added meanwhile.
 */
bool late_next(const LateList *list, size_t *at, char *path, Late *ret);
void late_done(Unpacker *unpacker);

/* unpack-late.c */

/* Does all that had to wait. */
int late_apply(Unpacker *unpacker, Fault *fault);
