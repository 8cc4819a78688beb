/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Mounts as descriptors
 *
 * Thin words over open_tree(2), mount_setattr(2) and move_mount(2). A detached
 * mount belongs to no directory yet: the launcher makes it with the host's
 * eyes, init attaches it with the container's.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/mount.h>

/* A copy of the mount at @path, attached nowhere; @recursive takes what is mounted below it too. */
int tree_clone(int dir_fd, const char *path, bool recursive, int *ret);

/* Its owners appear through the map of @userns_fd. -EINVAL where the file system cannot do that. */
int tree_map(int fd, int userns_fd, bool recursive);

/* Sets and clears MOUNT_ATTR_*. */
int tree_set(int fd, uint64_t set, uint64_t clear, bool recursive);

/* @propagation is MS_PRIVATE, MS_SLAVE or MS_SHARED. */
int tree_propagate(int fd, unsigned long propagation, bool recursive);

int tree_attach(int fd, int dir_fd, const char *path);

/* On top of what @target_fd, an O_PATH descriptor, refers to: no name is looked up again. */
int tree_attach_at(int fd, int target_fd);

/* A new file system, detached. @options is a list of pairs "key", "value", ended by NULL; a value may be
 * NULL. */
int tree_new(const char *type, const char *const *options, unsigned attributes, int *ret);
