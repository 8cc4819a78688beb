/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is short when the kernel says no
 *
 * "Resource temporarily unavailable" tells nobody that TasksMax= is too low.
 * An errno that says what has run out gets a few words about where, and what
 * to do. To add one: a row.
 */

#include "lib/fault.h"

/* Adds them to the end of a fault that a container's start has met; others are left as they are. */
void hint_add(Fault *fault);

/* What the unit that we are in has too little of, as far as the kernel tells; NULL when it is not known. */
const char *hint_for_unit(void);
