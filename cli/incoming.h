/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The directory of slipway-fetch(8)
 *
 * What it has of a layer when it is interrupted, so that the next pull need
 * not fetch that again. It belongs to a user who has no rights: nothing in it
 * is followed or trusted.
 */

#include <stdint.h>

/* Return: its descriptor, -ENOENT when there is none, -errno. */
int incoming_open(void);

/* Removes what nobody has written to since, in seconds since 1970. Return: 0 or -errno. */
int incoming_remove(int dir_fd, int64_t before);
