/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether all that there is of networks is somebody's. Repairs are those of 'slipway-net restore'. */

#include "nspawn-glue/check.h"

/* Return: 0 whatever was found, -errno. */
int network_check(const StateCheck *check, Findings *findings);
