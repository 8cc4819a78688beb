/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* slipway pull of what is in no registry, as podman pull(1) has it: an import. */

#include "cli/pull-client.h"

/**
 * pull_import() - import @source, and say what has come of it
 * @name:    its name; NULL: those that it has itself
 * @quiet:   print the id only
 *
 * Return: 0, -errno with a fault.
 */
int pull_import(const PullOptions *options, const char *name, bool quiet, const char *source, Fault *fault);
