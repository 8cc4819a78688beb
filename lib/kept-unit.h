/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Units that have to outlive their manifests
 *
 * At each reload the service manager throws away what generators have written, and runs them anew. A unit
 * whose manifest is gone would be without the commands that clean up behind it, while what it has started
 * still runs. So whoever has something to be cleaned up keeps his unit, as a link below KEPT_UNIT_DIR, and
 * the generator goes back to that where there is nothing else, see generator/kept.c.
 */

#include "lib/own-unit.h"

#define KEPT_UNIT_DIR "/run/slipway/units"

/* What else is to be said of one that cannot be kept: it is not there when it is wanted. None of ours, as a
 * transient unit or one of the administrator's, needs none of this, and costs one system call. */
void kept_unit_add(const OwnUnit *unit);

/* Whether a unit of that name is kept. */
bool kept_unit_is(const char *name);

/* Nothing is left of it to be cleaned up. */
void kept_unit_remove(const OwnUnit *unit);
