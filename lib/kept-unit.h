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

/* Keeps a unit that a generator has made; of any other, as a transient one, nothing is kept. One that cannot
 * be kept is no reason not to start: it is wanted only when its manifest goes while it runs. */
void kept_unit_add(const OwnUnit *unit);

/* Whether a unit of that name is kept. */
bool kept_unit_is(const char *name);

/* Nothing is left of it to be cleaned up. */
void kept_unit_remove(const OwnUnit *unit);

/* "web@.service" for "web@1.service". Return: false for a unit that is no instance. */
bool kept_unit_template(const char *unit, char ret[static 256]);
