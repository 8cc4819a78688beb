/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Sockets that the service manager has opened, see sd_listen_fds(3). They are close-on-exec and do not block
 * afterwards.
 */

enum { LISTENING_FIRST = 3, LISTENING_MAX = 4096 };

/* Return: how many there are, from LISTENING_FIRST on; 0 when there are none for this process. */
int listening_count(void);

/* Return: SOCK_STREAM, SOCK_DGRAM …, or -errno for what is no socket. */
int listening_type(int fd);
