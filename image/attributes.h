/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Attributes of files in a layer: owner, mode, time, extended attributes
 *
 * Which extended attributes are kept is a table in attributes.c. The others
 * are for the host's kernel to act on (trusted.overlay.* above all), or for
 * a label that the host gives; they are left out and counted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "lib/fault.h"

struct archive_entry;

typedef struct Attributes {
        mode_t mode; /* with type, set-id and sticky bits */
        uid_t uid;
        gid_t gid;
        struct timespec mtime;
} Attributes;

/* What an entry says. Ids above 2^31-1 are hostile: they wrap to root in places. */
int attributes_from_entry(struct archive_entry *entry, Attributes *ret, Fault *fault);

void attributes_from_stat(const struct stat *st, Attributes *ret);

/* Sets owner, mode and time, in the order in which none undoes another. Return: 0 or -errno. */
int attributes_apply_fd(const Attributes *attributes, int fd);

/* The same for what cannot be opened: links, devices, FIFOs. */
int attributes_apply_at(const Attributes *attributes, int dir_fd, const char *name);

bool xattr_is_kept(const char *name, const void *value, size_t size);

/* Whether an entry has any that are kept; @left_out is increased by the others. */
bool xattrs_are_wanted(struct archive_entry *entry, unsigned *left_out);

/* Sets those of an entry. */
int xattrs_apply(struct archive_entry *entry, int fd, Fault *fault);

/* Copies those of another file of ours; @only_new: but for what this one has already. Return: 0 or -errno.
 */
int xattrs_copy(int from_fd, int to_fd, bool only_new);
