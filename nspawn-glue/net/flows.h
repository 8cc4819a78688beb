/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "nspawn-glue/net/member.h"

/*
 * flows_forget() - have the kernel forget flows of datagrams to a member's ports
 *
 * Rules are asked for the first packet of a flow only. Who has sent datagrams to a port before it led
 * somewhere, and goes on, would never reach the container. Whatever goes wrong, they end by themselves.
 */
void flows_forget(const Member *member);
