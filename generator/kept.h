/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Units whose manifests are gone while what they have started still runs
 *
 * They are written as they were, so that they can be stopped as they have to be, and cannot be started
 * again. See lib/kept-unit.h.
 */

#include "generator/unit/writer.h"

/**
 * kept_write() - write those that the manifests have not made
 * @directory:  where they are kept; it need not be there
 * @dir_fd:     the generator's output directory, where all others are already
 *
 * One that cannot be read or written is told of and left out. Return: how many that were, -ENOMEM.
 */
int kept_write(const char *directory, UnitWriter *unit, int dir_fd);

/* What stops the unit @name as it was started goes into the unit that takes its place, which only says what
 * is wrong with its manifest by now. Nothing where none is kept. */
void kept_add_stop(const char *directory, const char *name, UnitWriter *unit);
