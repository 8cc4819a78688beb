/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Copies what is in one directory into another: files, directories and
 * symlinks, with owners, modes and times. Follows no symlink. Sockets, FIFOs
 * and devices are passed over: they mean nothing without their makers.
 */

#include <stdbool.h>
#include <stdint.h>

/* Who reads them in a map of their own sees other owners than are to be written. */
typedef struct CopyOwners {
        uint32_t base, count; /* ids from @base on become those from 0; all others are nobody's */
        bool attributes;      /* user.*, access lists and capabilities of files, too */
} CopyOwners;

/* Return: 0 or -errno; -ELOOP where the tree is deeper than anybody needs. */
int copy_tree(int from_fd, int to_fd);

/* The same with other owners. */
int copy_tree_shifted(int from_fd, int to_fd, const CopyOwners *owners);

/* Owners, mode, times and attributes of a directory alone. */
int copy_root_shifted(int from_fd, int to_fd, const CopyOwners *owners);
