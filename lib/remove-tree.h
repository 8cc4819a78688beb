/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Removes a directory and all below it. Follows no symlink and crosses into no
 * other mount, whatever grows in the tree meanwhile.
 */

/* What is not there is removed already. Return: 0, or the first -errno after all the rest was tried. */
int remove_tree(int dir_fd, const char *name);
