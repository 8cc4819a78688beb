/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Processes of a container
 *
 * From the control group and /proc of the host: nothing in the container is executed or asked. Users and
 * groups are named by the container's own files.
 */

#include "lib/cleanup.h"
#include "nspawn-glue/running.h"

typedef struct Process {
        pid_t hpid, hppid; /* as the host has them */
        pid_t pid, ppid;   /* inside; 0 for a parent that is not */
        uid_t huid;
        gid_t hgid;
        char state;
        int tty; /* device number, 0 for none */
        int nice;
        unsigned long long ticks;      /* of processor time */
        unsigned long long started;    /* ticks after boot */
        unsigned long long vsize, rss; /* bytes */
        char comm[64];
        char *arguments; /* joined with blanks; the name in brackets when there are none */
} Process;

typedef struct Processes {
        Process *list; /* by hpid */
        size_t n;
        char *uid_map, *gid_map; /* texts of the container's */
        char *passwd, *group;    /* texts of the container's files, empty when there are none */
} Processes;

int processes_read(const Running *running, Processes *ret, Fault *fault);

/* The id inside for one of the host. Return: 65534 for one that the container does not have. */
uint32_t id_inside(const char *map, uint32_t id);

/* The name that a text like /etc/passwd has for an id, or its number. Return: @buffer */
const char *id_name(const char *text, uint32_t id, char *buffer, size_t size);

void processes_done(Processes *processes);
