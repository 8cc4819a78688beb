/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A tar archive into a tree that is in use
 *
 * Unlike a layer's directory (image/unpack.h), the tree belongs to somebody who works in it, and who may
 * exchange directories and links meanwhile. Each parent is opened with openat2(2) below a root that nothing
 * leads out of; the last component is never followed. A file is written beside its place and renamed, so
 * that whoever reads it has the old or the new one, and a full disk spoils nothing.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "lib/fault.h"

typedef struct TreeReceive {
        int root_fd;
        const char *base; /* directory below the root that names are relative to, "." for the root itself */
        bool follows_links; /* on the way to a parent, within the root; else a link there is a fault */
        bool keeps;         /* owners, set-id bits, capabilities and access lists of the archive */
        uid_t uid;          /* who owns it all otherwise */
        gid_t gid;
        bool is_root;      /* of the container: it may not make devices, and owners are what it has */
        bool is_whole;     /* what the archive says of "." is for the directory that all goes into */
        const char *place; /* in front of paths in messages: "web:", or "" */
} TreeReceive;

/**
 * tree_receive() - unpack
 * @ret_left_out:       how many devices there were; each was told
 *
 * A directory that is there already is filled, and stays as it is otherwise, unless attributes are kept.
 *
 * Return: 0 or -errno with a fault that names the file.
 */
int tree_receive(const TreeReceive *receive, int in_fd, unsigned *ret_left_out, Fault *fault);
