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
 * (they are about the layers below, wherever in the archive they stand).
 */

#include "image/tar.h"

/* What an image may need at most; the budget of all its layers together. */
typedef struct UnpackBudget {
        uint64_t entries;
        uint64_t bytes;
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
 * layer_unpack() - unpack a layer
 * @tar:        the archive, at its start
 * @root_fd:    an empty directory, mode 0700, which becomes the layer's root
 * @below:      roots of the layers below, the next one first; attributes of directories
 *              that the archive does not mention and targets of hard links come from there
 * @n_below:    how many
 * @budget:     what is left to use; reduced by what was used
 *
 * Return: 0, or -errno with a fault that names the entry; then the directory is rubbish.
 */
int layer_unpack(Tar *tar, int root_fd, const int *below, size_t n_below, UnpackBudget *budget,
                UnpackResult *ret, Fault *fault);
