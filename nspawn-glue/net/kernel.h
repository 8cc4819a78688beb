/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Settings of the kernel, below /proc/sys/net, in the network namespace that the caller is in. */

#include "lib/fault.h"

/* "ipv4/conf/IFACE/route_localnet"; written only if it has another value. Return: 0 or -errno. */
int kernel_set(const char *value, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Lets packets pass between interfaces. The machine's own IPv6 routes, which it was told by routers, stay.
 */
int kernel_forward(bool ipv4, bool ipv6, Fault *fault);
