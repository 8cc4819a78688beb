/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The socket of a responder: slipway-dns@NETWORK.socket
 *
 * Which addresses a network has may be known only when it is up. So the
 * socket unit is a transient one, made over the service manager's own socket
 * without a file and without a reload; its service is the template.
 */

#include "nspawn-glue/net/network.h"

/**
 * dns_socket_start() - listen on the gateways of a network that is up
 *
 * Does nothing if that is so already. If the addresses were others, the old
 * socket is stopped first. A responder that runs is started again by the next
 * query, so it knows what has changed.
 *
 * Return: 0 when the socket listens, or -errno with a fault.
 */
int dns_socket_start(const Network *network, Fault *fault);

/* Stops the socket and the responder of a network. Fine if there are none. */
int dns_socket_stop(const char *network, Fault *fault);
