/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The running container that somebody means: by its name, or by its unit. */

#include "lib/cleanup.h"
#include "nspawn-glue/running.h"

/* Return: 0, or -errno with a fault that names the next command to type. */
int target_open(const char *word, Running *ret, Fault *fault);

/**
 * target_open_root() - the container's tree, as it sees it
 *
 * To be looked into with inside_open(): its links lead nowhere but into the container. Return: 0 or -errno
 * with a fault.
 */
int target_open_root(const Running *running, int *ret, Fault *fault);
