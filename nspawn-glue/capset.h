/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* From --cap-add= and --cap-drop= to sets of capabilities, by Podman's rules. */

#include <stdint.h>

#include "lib/fault.h"

/**
 * capset_make() - the bounding set, and what a user other than root gets on top
 * @add, @drop:         names; may be NULL
 * @ret_bounding:       add all: all but what is dropped; drop all: what is added; else the default set
 *                      without what is dropped and with what is added
 * @ret_ambient:        what was added by name
 *
 * Return: 0, or -EINVAL for an unknown name or one that is both added and dropped.
 */
int capset_make(char *const *add, char *const *drop, uint64_t *ret_bounding, uint64_t *ret_ambient,
                Fault *fault);
