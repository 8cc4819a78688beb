/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is mounted in a container, by the kernel's list. */

#include <stddef.h>
#include <sys/types.h>

typedef struct MountLine {
        char *target, *type, *source,
                        *options; /* unescaped; options are those of the mount, not of its file system */
        char *root;               /* the part of the file system that is seen */
} MountLine;

typedef struct MountLines {
        MountLine *list; /* in the kernel's order */
        size_t n;
} MountLines;

/* Return: 0 or -errno. */
int mounts_read(pid_t pid, MountLines *ret);

/* The same from a text as in /proc/PID/mountinfo, which is changed. Lines that make no sense are passed
 * over. */
int mounts_parse(char *text, MountLines *ret);

void mounts_done(MountLines *lines);
