/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which subnets a network has: those it was given, or some that nobody else on the machine uses
 */

#include "nspawn-glue/net/link.h"
#include "nspawn-glue/net/network.h"

/**
 * subnet_settle() - see that a network has all that it needs
 * @session:    to ask for the machine's routes
 * @network:    the wish; gets subnets where there are none, and gateways and ranges
 * @own:        index of its own bridge, whose routes do not count; 0 when there is none yet
 *
 * Return: 0; -EADDRINUSE with a fault that names who has a subnet that was asked for.
 */
int subnet_settle(LinkSession *session, Network *network, int own, Fault *fault);

/* Forgets what was chosen for a network: the next time it may be something else. */
void subnet_forget(const char *network);
