/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a directory and all below it take up on disk. Follows no symlink, and crosses into no other mount. */

#include <stdint.h>

/* A file with several links counts once for each. Return: 0, also for what is not there; -errno. */
int disk_usage(int dir_fd, const char *name, uint64_t *ret);
