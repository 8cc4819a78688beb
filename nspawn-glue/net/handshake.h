/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * How a container gets its network while it starts
 *
 * The launcher makes a pair of sockets, leaves slipway-net with one end, and hands the other over to
 * slipway-init. Init makes the network namespace, because it has to belong to the container's user
 * namespace, sends a descriptor of it, and waits for the answer. slipway-net has done meanwhile what can be
 * done without. When the container ends before that, its end closes, and all is taken back.
 */

#include "lib/fault.h"

/* Of the launcher: makes both ends. Return: 0 or -errno. */
int handshake_open(int *ret_server, int *ret_init);

/* Of init: sends the namespace that it is in, and waits. Return: 0, or -errno with the fault that came. */
int handshake_ask(int fd, Fault *fault);

/**
 * handshake_serve() - of slipway-net: attach a member to what is sent
 * @fd:         the server's end; below it, from 3 on, are the sockets of its published ports
 *
 * Becomes slipway-proxy where those are needed. Faults go to who waits. Return: 0, also when nobody asked;
 * -errno when there was nobody to tell.
 */
int handshake_serve(int fd, const char *owner);
