/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Ports that are reached through the machine itself, where its input chains are to decide
 *
 * See foreign-chains.h. The sockets are those that were reserved; slipway-proxy is the process that listens.
 */

#include "nspawn-glue/net/member.h"

/**
 * proxy_become() - become slipway-proxy for a member
 * @first:      the first of the sockets, one after the other
 * @n:          how many there are
 *
 * Returns only when that failed: -errno, with a fault.
 */
int proxy_become(const Member *member, int first, size_t n, Fault *fault);

/* Leaves a process with the sockets behind, for members without a process of their own. */
int proxy_leave(const Member *member, const int *fds, size_t n, Fault *fault);
