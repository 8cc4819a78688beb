/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Removing a directory with all that is in it
 *
 * Layers come from strangers and may be deeper than any path or stack can
 * be. So nothing recurses: a directory below the top that is not empty is
 * moved to the top first. Symbolic links are removed and not followed.
 */

/* Return: 0, also when there is no such directory; -errno. */
int rmtree(int dir_fd, const char *name);
