/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A socket to the kernel, for those who speak with libnl. */

#include <netlink/netlink.h>

#include "nspawn-glue/net/link.h"

struct LinkSession {
        struct nl_sock *socket;
};

/* What libnl returns, as a negative errno. */
int link_error(int r);
