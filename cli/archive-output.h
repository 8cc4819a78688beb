/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Where an archive that somebody asked for goes: a file of its own, or standard output. */

#include "lib/fault.h"

/**
 * archive_output_open() - begin it
 * @path:       NULL for standard output, unless that is a terminal
 *
 * A file is for its owner alone: what is in it may be as secret as anything. Return: 0 or -errno with a
 * fault.
 */
int archive_output_open(const char *path, int *ret, Fault *fault);

/* Half an archive looks like a whole one to some: removes one that was begun. */
void archive_output_remove(const char *path);
