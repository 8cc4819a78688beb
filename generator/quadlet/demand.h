/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Containers that are started by their ports: Activation=socket with PublishPort=, and IdleTimeout=. */

#include "generator/quadlet/key-load.h"

/* Marks the container if it is one, and tells of what cannot be so. Ports are in their normal form. */
void demand_apply(KeyLoad *load);
