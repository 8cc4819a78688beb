/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The socket, and a process for each connection
 *
 * To start a unit with all that its sandbox is made of costs more than to ask
 * a registry whether something is new, and who asks for one image often asks
 * for the next: so this one stays for some seconds, and a connection costs a
 * fork. It has nothing to do with the network and learns no secret; what it
 * begets shares nothing with its siblings but the incoming directory.
 */

#include "lib/fault.h"

/**
 * listen_serve() - serve who connects, until nobody does any more
 * @fd:      a listening socket of type SOCK_SEQPACKET; stays the caller's
 * @dir_fd:  the incoming directory
 *
 * All processes have the addresses of this one. Where some have died by a signal, somebody may be guessing
 * them: no further ones are begotten then; who connects is turned away until all are gone, and served by the
 * next instance.
 *
 * Return: 0, -errno.
 */
int listen_serve(int fd, int dir_fd, Fault *fault);
