/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <stdbool.h>

#include "generator/quadlet/manifest.h"

/* Keys in the wrong section, which happens to everybody: where they belong. */

/* Return: the section in which systemd has a key that is none of the main section; NULL when it is not one
 * of the usual. */
const char *stray_in_main(const char *key);

/* Whether a line of [Unit] or [Service] is a key of the type's main section, and none that systemd knows
 * there. */
bool stray_from_main(ManifestType type, const char *key);
