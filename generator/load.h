/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From files to manifests: reads each one and its drop-ins, and finds out which unit it becomes. */

#include "generator/quadlet/manifest.h"
#include "generator/search.h"

/**
 * manifests_load() - read all that was found
 * @set:        where to put it; empty
 * @search:     the files; names may be borrowed, so it has to live as long as @set
 * @arena:      where texts go; has to live as long, too
 *
 * What is wrong with a manifest is in its own list of faults.
 *
 * Return: 0 or -ENOMEM.
 */
int manifests_load(ManifestSet *set, const Search *search, Arena *arena);

/**
 * manifests_load_text() - read a manifest that is in no file
 * @set:        where it goes, among those that are
 * @name:       file name that it would have: "web.container"
 * @directory:  directory that it would be in
 * @ret:        the manifest, which is in @set; what is wrong with it is in its faults
 *
 * It takes the place of a file of that name; drop-ins do not count. Return: 0 or -ENOMEM.
 */
int manifests_load_text(
                ManifestSet *set, const char *name, const char *directory, const char *text, Manifest **ret);

/**
 * manifests_add() - let manifests join that were made from another one
 * @made:       they live as long as the set
 * @faults:     told when there is one of that name
 *
 * Return: 0 or -ENOMEM.
 */
int manifests_add(ManifestSet *set, Manifest *const *made, size_t n, FaultList *faults);

/* Frees the lists of faults; the rest belongs to the arena. */
void manifests_done(ManifestSet *set);
