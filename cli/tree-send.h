/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A tree as a tar archive
 *
 * Whoever owns the tree may change it meanwhile, by malice, too. Each file is therefore taken hold of first
 * and looked at afterwards; no link is followed and nothing that is not a regular file is read.
 */

#include <stdbool.h>

#include "lib/fault.h"

typedef struct TreeSend {
        int top_fd;     /* O_PATH of the tree, or of a single file or link */
        const char *as; /* what the tree is called in the archive; "." for names without a top directory */
        bool one_mount; /* what is mounted in the tree is left out, but for the places */
} TreeSend;

/**
 * tree_send() - write the archive
 * @out_fd:             where to
 * @ret_left_out:       how many files could not be in it (sockets, what cannot be read); each was told
 *
 * In the pax format: with extended attributes that are for any kernel, holes and hard links.
 *
 * Return: 0, -EPIPE when nobody reads any more, -errno with a fault.
 */
int tree_send(const TreeSend *send, int out_fd, unsigned *ret_left_out, Fault *fault);
