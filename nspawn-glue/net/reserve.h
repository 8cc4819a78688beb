/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Ports of the host that a member was promised
 *
 * They are bound, and not listened on: so nobody else gets them, and a connection that comes by when there
 * is no rule for it is refused at once. systemd-nspawn holds the sockets for as long as the container lives.
 */

#include "nspawn-glue/net/member.h"

typedef struct Reservation {
        int *fds;
        size_t n;
} Reservation;

/**
 * reserve_ports() - bind what a text of --publish= asks for, and add it to the member
 * @text:       [[ADDRESS:][HOST]:]CONTAINER[/PROTOCOL]
 *
 * Return: 0; -EADDRINUSE with a fault that names who has it; -EINVAL with a fault.
 */
int reserve_ports(Member *member, const char *text, Reservation *reservation, Fault *fault);

void reservation_done(Reservation *reservation);
