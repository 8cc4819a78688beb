/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is done about a container that is unhealthy. It is systemd that restarts and stops. */

#include "nspawn-glue/health/call.h"
#include "nspawn-glue/running.h"

/* Nothing happens while its unit is being stopped anyway. */
void act(const Running *running, HealthAction action);
