/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The image of slipway run
 *
 * The unit would fetch it, too. But who sits before a terminal is to see how far it is, and has credentials
 * that a unit has not.
 */

#include "cli/run-parse.h"

/**
 * run_pull() - fetch the image, if it is missing or a newer one is wanted
 *
 * Return: 1 when the registry was asked, so that the unit need not do it; 0 when not; -errno with a fault.
 */
int run_pull(const RunCall *call, Fault *fault);
