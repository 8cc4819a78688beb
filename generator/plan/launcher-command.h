/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A container as slipway-nspawn's command line
 *
 * The options and their order are those of slipway-nspawn(8), so that the
 * same container always gives the same line.
 */

#include "generator/model/container.h"
#include "generator/unit/writer.h"

typedef struct LauncherCommand {
        UnitWord *words;
        size_t n_words, allocated;
        char **texts; /* those that were made for it */
        int error;    /* negative errno of the first failure */
} LauncherCommand;

/* Return: 0 or -ENOMEM. The words borrow from @container. */
int launcher_command_build(const Container *container, LauncherCommand *ret);

void launcher_command_done(LauncherCommand *command);
