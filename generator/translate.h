/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Translation: from one manifest to one unit
 *
 * Whatever is in the manifest, there is a unit in the end. When the manifest has
 * errors it is one that tells them, see fault-unit.h.
 */

#include "generator/install.h"
#include "generator/quadlet/manifest.h"
#include "generator/search.h"
#include "generator/unit/writer.h"

/**
 * translate_manifest() - make the text of a unit
 * @manifest:   what to translate; neither masked nor shadowed. What is wrong goes to its faults
 * @all:        every manifest, for references
 * @scope:      the manager that is to run the unit
 * @scratch:    memory for @ret_install
 * @unit:       where the text goes; is begun anew
 *
 * Return: 1 when the unit runs what the manifest asks for, 0 when it tells of faults, -ENOMEM.
 */
int translate_manifest(Manifest *manifest, const ManifestSet *all, SearchScope scope, Arena *scratch,
                UnitWriter *unit, InstallPlan *ret_install);
