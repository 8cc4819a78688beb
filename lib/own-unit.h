/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which unit this process belongs to
 *
 * Asked of the control group, where the service manager put us: no IPC, and
 * nobody can lie about it.
 */

#include <stdbool.h>
#include <stddef.h>

typedef struct OwnUnit {
        char name[256];
        bool is_user; /* a unit of a user's manager, not of the system's */
} OwnUnit;

/* Return: 0, -ENODATA when we are in no unit, -errno. */
int own_unit(OwnUnit *ret);

/* The same for the path of a control group as /proc/PID/cgroup has it. */
int own_unit_of_path(const char *path, OwnUnit *ret);
