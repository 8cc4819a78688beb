/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Whether somebody holds a lock of flock(2), without asking for it: whoever
 * does that stands in the way of those who need it at that moment.
 */

#include <stddef.h>

/* Return: 1, 0, or -errno when the kernel does not say. @dir_fd and @path as in openat(2). */
int locked_by_somebody(int dir_fd, const char *path);

/* The same of one inode, in a text that is like /proc/locks. */
int locked_in_text(const char *text, unsigned long long inode);
