/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A container as slipway-nspawn's command line
 *
 * The options and their order are those of slipway-nspawn(8), so that the
 * same container always gives the same line.
 */

#include "generator/model/container.h"
#include "generator/plan/command.h"

/* Return: 0 or -ENOMEM. The words borrow from @container. */
int launcher_command_build(const Container *container, Command *ret);
