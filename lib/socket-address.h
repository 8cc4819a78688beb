/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Addresses of the Internet as sockets have them. */

#include <sys/socket.h>

#include "lib/address.h"

/* The address of a socket's name, and its port. An IPv4 address in an IPv6 one is an IPv4 address. */
Address socket_address(const struct sockaddr_storage *name, uint16_t *ret_port);

/* The name of a socket there. Return: its length. */
socklen_t socket_name(const Address *address, uint16_t port, struct sockaddr_storage *ret);
