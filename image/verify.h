/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether a layer is what it was unpacked from
 *
 * Its archive is written anew and read: the digest of all of it must be the
 * layer's, the CRC of each file must be that which was taken when it was
 * unpacked, and of all that the archive says about a file (kind, mode, owner,
 * time, link, device, extended attributes) the directory must show just that;
 * nothing may be missing, and nothing may be there besides. Nothing is written.
 */

#include "image/digest.h"

/* @path: in the layer; empty for the layer as a whole. @what: follows it in a sentence. */
typedef void VerifyReport(void *data, const char *path, const char *what);

/**
 * layer_verify() - look at all of a layer
 * @layer_fd:   its directory in the store, pinned
 * @below:      roots of the layers below, the next one first
 *
 * Return: 0 whatever was found; -ENODATA without a fault when nothing was kept to compare it with; -errno.
 */
int layer_verify(int layer_fd, const Digest *diff_id, const int *below, size_t n_below, VerifyReport *report,
                void *data, Fault *fault);
