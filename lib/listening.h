/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Sockets that the service manager has opened, see sd_listen_fds(3). */

#include <stddef.h>

enum { LISTENING_FIRST = 3, LISTENING_MAX = 4096 };

/* Return: how many there are, from LISTENING_FIRST on; 0 when there are none for this process. Nothing is
 * done to them. */
long listening_passed(void);

/* The same, but at most LISTENING_MAX, and they are close-on-exec and do not block afterwards. */
int listening_count(void);

/* Return: SOCK_STREAM, SOCK_DGRAM …, or -errno for what is no socket. */
int listening_type(int fd);

/**
 * listening_place() - put sockets where a program that is executed next looks for them
 *
 * From LISTENING_FIRST on, one after the other, and not close-on-exec; what was there is gone. For a process
 * that does nothing else any more. Return: 0 or -errno.
 */
int listening_place(const int *fds, size_t n);
