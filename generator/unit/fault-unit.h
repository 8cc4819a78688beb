/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A unit for a manifest that cannot be translated
 *
 * It has the name that the manifest's unit would have. It loads, and when it is
 * started it fails and says why: in `systemctl status` and in the journal.
 */

#include "generator/faults.h"
#include "generator/quadlet/manifest.h"
#include "generator/unit/writer.h"

/* Writes the whole unit. */
void fault_unit_write(UnitWriter *unit, const Manifest *manifest, const FaultList *faults);
