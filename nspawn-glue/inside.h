/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Paths inside of a container
 *
 * Opens and creates what the image's symlinks lead to, as the container would
 * see it: never outside of the root, never through the magic links of /proc.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef enum InsideKind {
        INSIDE_FILE,
        INSIDE_DIRECTORY,
} InsideKind;

/* Opens @path below @root_fd with flags of open(2). Return: 0 or -errno. */
int inside_open(int root_fd, const char *path, int flags, int *ret);

/* The same for a place to mount on: an O_PATH descriptor of it, made with its parents if it is not there. */
int inside_make(int root_fd, const char *path, InsideKind kind, int *ret);

/**
 * inside_replace() - a regular file at @path, whatever was there
 *
 * Symlinks on the way are followed, the last component is not: a link there makes way for the file.
 */
int inside_replace(int root_fd, const char *path, int *ret);

/* A real directory right below the root; what else has its name is removed. */
int inside_force_directory(int root_fd, const char *name, mode_t mode);

/* Reads a regular file of at most @limit bytes. A FIFO or a device is -EBADF, and is not waited for. */
int inside_read(int root_fd, const char *path, size_t limit, char **ret);

/* Whether @fd is on one of the kernel's process file systems, where nobody mounts anything. */
bool inside_is_proc(int fd);
