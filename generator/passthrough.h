/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What the user wrote for systemd
 *
 * [Unit] and [Service] go into the unit line by line as they are, but for two
 * things: dependencies may name manifests, and some settings of [Service] would
 * break the container that they are meant for, so they are refused.
 */

#include "generator/arena.h"
#include "generator/quadlet/manifest.h"
#include "generator/unit/writer.h"

/* Tells of sections and of keys of [Quadlet] that mean nothing. */
void passthrough_check_sections(const Manifest *manifest, FaultList *faults);

/* Writes the user's [Unit], without the header of the section. Return: 0 or -ENOMEM. */
int passthrough_write_unit(const Manifest *manifest, const ManifestSet *all, Arena *arena, UnitWriter *unit,
                FaultList *faults);

/* Writes the user's [Service], without the header of the section. */
void passthrough_write_service(const Manifest *manifest, UnitWriter *unit, FaultList *faults);

/* Writes those lines of a pod's [Service] that limit what its containers have together: for their slice. */
void passthrough_write_slice(const Manifest *manifest, UnitWriter *unit);

/* Writes the user's [X-…] sections, which are there for other programs. */
void passthrough_write_extensions(const Manifest *manifest, UnitWriter *unit);
