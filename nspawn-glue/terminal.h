/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A new terminal of a container's own, for a process that has joined its mount namespace. */

#include <sys/ioctl.h>
#include <sys/types.h>

#include "lib/fault.h"

/**
 * terminal_open() - make a pseudoterminal in the container's devpts
 * @root_fd:    the container's root
 * @owner:      who it is to belong to
 * @size:       of its window; zero is unknown
 *
 * No link of the container's is followed, and the other end is not looked up by a path at all.
 *
 * Return: 0 or -errno, with a fault where /dev/pts is no devpts.
 */
int terminal_open(int root_fd, uid_t owner, const struct winsize *size, int *ret_master, int *ret_slave,
                Fault *fault);
