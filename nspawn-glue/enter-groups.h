/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The control groups of a container, to be joined
 *
 * A new process is born into a group of the unified hierarchy, which costs
 * nothing. Those of version 1 it has to move to, and there the kernel makes it
 * wait for milliseconds; hierarchies in which nothing changes are left out.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct EnterGroups {
        int unified_fd; /* for CLONE_INTO_CGROUP, -1 when there is nothing to join */
        char **others;  /* files that who joins writes "0" to */
        int below_fd;   /* the group below, -1 if none was asked for */
        bool is_frozen;
} EnterGroups;

#define ENTER_GROUPS_NONE ((EnterGroups){ .unified_fd = -1, .below_fd = -1 })

/**
 * enter_groups_open() - open the groups in which @pid is
 * @below:      NULL, or a name: in one hierarchy it is a group of this name below that, which is made. It is
 *              the unified one, or else systemd's
 *
 * Return: 0, -ESRCH when the process is gone, -errno.
 */
int enter_groups_open(pid_t pid, const char *below, EnterGroups *ret);

/* Kills all that is in the group @below that of @pid, which may be nothing. Return: 0 or -errno. */
int enter_groups_kill(pid_t pid, const char *below);

void enter_groups_close(EnterGroups *groups);

/* In the new process: moves to the others. */
int enter_groups_join(const EnterGroups *groups);
