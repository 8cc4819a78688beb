/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What launch-notify.c and slipway-notify agree on. */

#define RELAY_NSPAWN_FD 3 /* a pidfd */
#define RELAY_SOCKET_FD 4
