/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is only known of a member when its interfaces are there: addresses, names and servers that CNI gives
 */

#include "nspawn-glue/net/member.h"

/* Records it, tells the names, completes the files that are mounted already, and publishes the ports.
 * @ret_proxied: as firewall_publish() */
int settle_member(const Member *member, bool *ret_proxied, Fault *fault);
