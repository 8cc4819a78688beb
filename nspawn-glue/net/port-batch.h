/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A member's ports in the maps of Slipway's table, as one message to the kernel
 *
 * It is what every start and every stop of a container with a published port does, and so does without what
 * libnftables takes for it: to read all that is in the packet filter, and to understand text.
 */

#include "nspawn-glue/net/member.h"

/* All or none. Return: 0, -E2BIG when there are too many for one message, -errno. */
int port_batch_add(const Member *member);
int port_batch_delete(const Member *member);
