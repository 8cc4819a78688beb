/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Words that name a manifest where systemd wants a unit: "After=db.container" means db.service. */

#include "generator/arena.h"
#include "generator/quadlet/manifest.h"

/**
 * reference_resolve() - the unit that a word names
 * @all:        every manifest
 * @word:       as it is written
 * @arena:      for a new name
 * @ret:        the service of the manifest, or @word when it names no manifest
 *
 * "web@1.container" is found as the template "web@.container", too.
 *
 * Return: 1 when it was translated, 0 when it stays, -ENOENT when it names a manifest that is
 * not there, -ENOMEM.
 */
int reference_resolve(const ManifestSet *all, const char *word, Arena *arena, const char **ret);
