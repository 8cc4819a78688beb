/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Control groups of a container's unit, and what is counted in them
 *
 * With the unified hierarchy, with those of version 1, and with both. What is
 * not counted (a controller that is off, for instance) is CGROUP_UNKNOWN.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CGROUP_UNKNOWN UINT64_MAX

typedef enum CgroupKind {
        CGROUP_PROCESSES, /* where systemd keeps the unit's processes */
        CGROUP_MEMORY,
        CGROUP_PIDS,
        CGROUP_CPU,
        CGROUP_IO,
        _CGROUP_KIND_MAX,
} CgroupKind;

typedef struct Cgroup {
        char path[_CGROUP_KIND_MAX][512]; /* below /sys/fs/cgroup; empty when the unit has none of its own */
        bool is_unified[_CGROUP_KIND_MAX];
} Cgroup;

typedef struct Usage {
        uint64_t memory;       /* bytes */
        uint64_t memory_cache; /* bytes thereof that would be given up first */
        uint64_t memory_limit; /* bytes, unknown when there is no limit */
        uint64_t pids, pids_limit;
        uint64_t cpu;                /* nanoseconds */
        uint64_t io_read, io_write;  /* bytes */
        uint64_t net_read, net_sent; /* bytes */
} Usage;

/* The groups of @unit that the process is in. Return: 0, or -errno (-ENOENT, -ESRCH when it is gone). */
int cgroup_find(pid_t pid, const char *unit, Cgroup *ret);

/* The same from the text of /proc/PID/cgroup, which is changed. */
void cgroup_parse(char *text, const char *unit, Cgroup *ret);

/* How much memory is in use; cheaper than all. */
uint64_t cgroup_memory(const Cgroup *cgroup);

/* The same for a unit in the slice that containers are in by default, without asking who is in it. */
uint64_t cgroup_memory_of_unit(const char *unit);

/* All that is counted. Processes of the unit make up for controllers that are off. @pid is one in the
 * network of the container, 0 for none. */
void cgroup_usage(const Cgroup *cgroup, pid_t pid, Usage *ret);

/* All processes below the unit's group, in no order. Return: 0 or -errno, @ret to be freed. */
int cgroup_processes(const Cgroup *cgroup, pid_t **ret, size_t *ret_n);

/* "12.3M" */
void format_bytes(uint64_t bytes, char *ret, size_t size);
