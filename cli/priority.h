/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Units of one name in several places
 *
 * Of those, systemd takes the one that is in the most important directory. A unit
 * that somebody put into /etc hides the one that the generator makes, which hides
 * the one that a package brought. Neither is wrong, but both surprise.
 */

#include "generator/quadlet/manifest.h"

/* Warns of units of the system that hide the unit of a manifest, or that it hides. */
void priority_check(Manifest *manifest);
