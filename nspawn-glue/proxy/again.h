/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A process that starts another one when that is killed
 *
 * In the unit of a container the service manager watches over systemd-nspawn, and nobody over the proxy. The
 * sockets are open here as well, so who comes in between waits, and is not refused.
 */

/**
 * again_watch() - fork, and stay behind
 * @what:       for the journal
 *
 * Return: 0 in the process that is to do the work, each time anew; 1 in the one that has waited, when the
 * other has ended by itself, with *@ret_status as its exit status; -errno.
 */
int again_watch(const char *what, int *ret_status);
