/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Finding one's way in layers
 *
 * Paths are normalised before they come here: relative, without "." or "..",
 * and the empty path is the root.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "lib/fault.h"

/**
 * tree_normalise() - the path of an entry, as the archive has it, in normal form
 * @raw:        "./etc//passwd", "/etc/passwd"
 * @ret:        buffer of PATH_MAX bytes: "etc/passwd"
 *
 * Leading slashes are dropped, as tar(1) and Docker do. Return: 0, or -errno with a fault:
 * ".." is hostile, and so is what no file system could hold.
 */
int tree_normalise(const char *raw, char *ret, Fault *fault);

/* Splits "a/b/c" at the last slash, in place, into "a/b" (returned; "" if there is no slash) and "c". */
char *tree_split(char *path, char **ret_name);

/**
 * tree_open() - open a directory of the layer that is being unpacked
 * @root_fd:    its root; symbolic links resolve as if it were "/"
 * @path:       normalised; empty for the root itself
 * @flags:      of open(2), besides O_DIRECTORY and O_CLOEXEC
 * @links:      whether symbolic links may be on the way
 *
 * Return: a descriptor or -errno.
 */
int tree_open(int root_fd, const char *path, int flags, bool links);

/**
 * tree_find() - what a container would see at a path
 * @roots:      roots of layers, the uppermost first
 * @n:          how many
 * @path:       normalised
 *
 * Does what overlayfs does: goes down until it is there or something hides it (a whiteout, an opaque
 * directory, a thing that is no directory). Symbolic links are not followed.
 *
 * Return: a descriptor, which can be read if it is a file or directory; -ENOENT, -errno.
 */
int tree_find(const int *roots, size_t n, const char *path);

/* Whether it is a whiteout. */
bool tree_is_whiteout(const struct stat *st);

/* Marks an open directory as opaque. Return: 0 or -errno. */
int tree_set_opaque(int fd);
