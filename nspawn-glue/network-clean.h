/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What a container that has ended had of networks. */

#include "lib/fault.h"

#define SLIPWAY_NET SLIPWAY_LIBEXEC_DIR "/slipway-net"

/* Takes it back. Only where rules have to be changed is another program executed. Return: 0 or -errno. */
int network_clean(const char *owner, Fault *fault);
