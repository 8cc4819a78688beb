/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What there is to a volume beyond its keys one by one; of use to volume-load.c only. */

#include "generator/quadlet/key-load.h"

/* All PodmanArgs= lines, after all other keys, as podman sees them last. */
int volume_args_apply(KeyLoad *load);
