/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What [Service] says of the log, for the unit that logs what comes by FIFO
 *
 * An app that opens /dev/stdout by name is logged by slipway-stdio@NAME.service, which is a unit of its own
 * to the journal. Limits that the manifest sets for its output are repeated for that unit in a drop-in.
 */

#include "generator/install.h"

/**
 * log_dropin_plan() - work out the drop-in
 * @container:  name of the container, unit text; NULL when nothing is logged for it
 * @ret:        its text and place; untouched when there is nothing to say
 *
 * Return: 0 or -ENOMEM.
 */
int log_dropin_plan(const Manifest *manifest, const char *container, Arena *arena, InstallPlan *ret,
                FaultList *faults);
