/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The watcher
 *
 * Left behind in the unit's control group when the launcher becomes
 * systemd-nspawn. It waits until the app runs, or will not, and says so to the
 * service manager. It keeps nothing but its socket, and is the manager's
 * child, not that of systemd-nspawn, whose only child is the container. Then
 * it ends, or becomes a program that has to do with a container that runs.
 *
 * A start that waits for the watcher must not wait for one that was killed. So
 * it has a guard, a process that does nothing but to end the container then.
 */

#include <stdbool.h>

typedef struct Watch {
        int fd;             /* the watcher's end of the control socket, see control.h */
        int nspawn_fd;      /* pidfd of what becomes systemd-nspawn */
        const char *name;   /* the container's */
        bool says_ready;    /* READY=1 when the app was executed; or somebody else says so */
        char *const *after; /* what to execute when the app runs, or NULL */
} Watch;

/* That program has a pidfd of systemd-nspawn as this descriptor, no other but the standard ones, and
 * NOTIFY_SOCKET. */
#define WATCHER_NSPAWN_FD 3

/**
 * watcher_start() - leave a watcher behind
 * @watch:      what it is to do; the caller still has to close the socket
 *
 * Return: 0 as soon as the watcher waits, else -errno.
 */
int watcher_start(const Watch *watch);
