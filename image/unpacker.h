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

/* Something that has to wait for the end of the archive. */
typedef struct Late {
        char *path;
        Attributes attributes; /* of a directory */
} Late;

typedef struct LateList {
        Late *items;
        size_t n, room;
} LateList;

typedef struct Unpacker {
        Tar *tar;
        int root_fd;
        int *roots; /* this layer's and those below it, as tree_find() wants them */
        size_t n_roots;
        UnpackBudget *budget;
        UnpackResult result;

        LateList late[_LATE_KIND_MAX];
        size_t late_size; /* memory that their paths take */

        char parent[PATH_MAX]; /* the directory that was used last, since its neighbours follow */
        int parent_fd;         /* -1 when there is none */
} Unpacker;

/* One entry on its way. */
typedef struct Entry {
        struct archive_entry *archive;
        char path[PATH_MAX]; /* normalised */
        Attributes attributes;
} Entry;

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

/* unpack-late.c */

int late_add(Unpacker *unpacker, LateKind kind, const char *path, const Attributes *attributes,
                Fault *fault);

/* Does all that had to wait. */
int late_apply(Unpacker *unpacker, Fault *fault);
void late_done(Unpacker *unpacker);
