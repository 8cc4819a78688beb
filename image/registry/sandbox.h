/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Rights that a program gives up by itself, before it listens to strangers. */

/**
 * sandbox_enter() - write nowhere but to plain files of one directory, and execute nothing
 *
 * For the calling thread and those that it starts; cannot be taken back. What was open stays open.
 *
 * Return: 1, 0 when there is no Landlock: the kernel has none, or it may not be called; -errno.
 */
int sandbox_enter(int dir_fd);
