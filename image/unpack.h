/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Unpacking a layer
 *
 * A layer is a tar archive by a stranger. It is unpacked into a directory of
 * its own that nobody else can reach, in the form overlayfs wants: a deleted
 * file is a character device 0:0, a directory that hides what is below it
 * has the attribute trusted.overlay.opaque.
 *
 * What keeps an archive inside its directory: each parent is opened with
 * openat2(2) so that the directory is the root of all resolution, as if by
 * chroot(2); the last component is created and never followed; what is in
 * the way is removed and not written to. A name with ".." is refused.
 *
 * What needs the whole layer to be there comes last: attributes of
 * directories (their times would change), whiteouts and opaque directories
 * (they are about the layers below, wherever in the archive they stand). The
 * layers below need not be complete before that, so layers can be unpacked
 * side by side.
 */

#include "image/tar.h"

/* What an image may need at most; the budget of all its layers together, shared by threads. */
typedef struct UnpackBudget {
        uint64_t entries;
        uint64_t bytes;
        uint64_t late; /* memory in use for what has to wait; 0 at first */
} UnpackBudget;

#define UNPACK_ENTRIES_DEFAULT 1000000
#define UNPACK_BYTES_DEFAULT (256ull << 30)

/* What a layer turned out to be. */
typedef struct UnpackResult {
        uint64_t entries;
        uint64_t bytes;      /* of content, without holes */
        int64_t newest;      /* the latest time of an entry */
        unsigned devices;    /* left out, since a container has its own /dev */
        unsigned attributes; /* extended attributes left out */
} UnpackResult;

/**
 * UnpackBelow - ask for the layers below
 * @ret_roots:  their roots, the next one first; attributes of directories that the archive does not mention
 *              and targets of hard links come from there. Borrowed for the call.
 *
 * May wait until they are complete. Return: 0 or -errno with a fault.
 */
typedef int UnpackBelow(void *data, const int **ret_roots, size_t *ret_n, Fault *fault);

typedef struct Unpacker Unpacker;

/**
 * unpacker_new() - begin to unpack a layer
 * @root_fd:    an empty directory, mode 0700, which becomes the layer's root; stays the caller's
 * @below:      called by unpack_finish(), and earlier only for a hard link to a file of another layer
 * @budget:     what is left to use; reduced by what is used
 *
 * While a layer is unpacked the umask must be 0: an archive's modes are meant as they are.
 *
 * Return: 0 or -ENOMEM.
 */
int unpacker_new(int root_fd, UnpackBelow *below, void *data, UnpackBudget *budget, Unpacker **ret);

/* The whole archive, but for what has to wait. Return: 0, or -errno with a fault that names the entry; then
 * the directory is rubbish. */
int unpack_archive(Unpacker *unpacker, Tar *tar, Fault *fault);

/* All that had to wait. */
int unpack_finish(Unpacker *unpacker, UnpackResult *ret, Fault *fault);

/* Gives back what was taken from the budget: the layer is going to be unpacked anew. */
void unpack_refund(Unpacker *unpacker);

void unpacker_free(Unpacker *unpacker);
DEFINE_AUTO(Unpacker *, unpacker_free)
#define autounpacker AUTO(unpacker_freep)
