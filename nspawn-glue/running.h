/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A container that runs
 *
 * From a name to processes: the record of the launcher says where to look, and
 * the kernel whether that is still so. Nothing here asks the service manager,
 * so it costs some dozen system calls, and links statically.
 *
 * systemd-nspawn holds the launcher's plan and the program of the system call
 * filter for as long as the container lives (KEPT_* of plan.h). Whoever enters
 * reads there with what the app was started; nothing of it is on any disk.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "lib/fault.h"
#include "nspawn-glue/record.h"

typedef struct Running {
        char name[65];
        Record record;
        pid_t nspawn, init;     /* systemd-nspawn; the first process of the container */
        bool is_first;          /* init is process 1, and not one of those that a pod shares */
        pid_t app;              /* the same as init, or its first child with RunInit= */
        int nspawn_fd, init_fd; /* pidfds */
        int app_fd;             /* of an app that is not process 1, else -1 */
} Running;

#define RUNNING_CLOSED ((Running){ .nspawn_fd = -1, .init_fd = -1, .app_fd = -1 })

/**
 * running_open() - find a container
 * @name:       its name
 * @ret:        to be closed with running_close()
 *
 * Return: 0; -ESRCH when it does not run, -EAGAIN when it is being started and its app does not run yet,
 * -EINVAL for what cannot be a name, -EACCES; each with a fault that says what to do next.
 */
int running_open(const char *name, Running *ret, Fault *fault);

void running_close(Running *running);

/**
 * running_open_kept() - what systemd-nspawn holds for those who enter
 * @kept:       KEPT_PLAN, for plan_read(); or KEPT_SECCOMP, only if the plan has a verb "seccomp"
 *
 * Return: 0 or -errno; -ESRCH when the container has ended meanwhile.
 */
int running_open_kept(const Running *running, int kept, int *ret);

/*
 * Whether it, or its app, has ended since it was opened. What was read of a process by number was that of
 * another one, perhaps, if this is so afterwards: ask, and do not use it.
 */
bool running_has_ended(const Running *running);

/* Whether a process is one of its unit's: a namespace of processes may be that of a whole pod. */
bool running_has(const Running *running, pid_t pid);

/* It has ended, or ends within this time: its processes are killed in no certain order. */
bool running_ends(const Running *running, int timeout_ms);
