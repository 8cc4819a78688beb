/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Words that name a manifest where systemd wants a unit: "After=db.container" means db.service. */

#include "generator/arena.h"
#include "generator/quadlet/manifest.h"

/**
 * reference_find() - the manifest of that name
 * @name:       "db.container", or "web@1.container", which is found as the template "web@.container", too
 * @arena:      for a new name
 * @ret_service: its unit, "web@1.service"
 *
 * Return: 0, -ENOENT when it is not there, -ENOMEM.
 */
int reference_find(const ManifestSet *all, const char *name, Arena *arena, const Manifest **ret,
                const char **ret_service);

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
