/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Copies what is in one directory into another: files, directories and
 * symlinks, with owners, modes and times. Follows no symlink. Sockets, FIFOs
 * and devices are passed over: they mean nothing without their makers.
 */

/* Return: 0 or -errno; -ELOOP where the tree is deeper than anybody needs. */
int copy_tree(int from_fd, int to_fd);
