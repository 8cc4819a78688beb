/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How much a volume may hold
 *
 * Counted by the file system, which knows each file of the volume by a
 * project id. ext4 and xfs can, if they were made and mounted for it.
 */

#include "nspawn-glue/volume/store.h"

/* Does what config.size says; chooses volume->project if it has none. Return: 0 or -errno with a fault. */
int volume_limit(int all_fd, Volume *volume, Fault *fault);
