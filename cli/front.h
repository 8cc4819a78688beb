/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The small program
 *
 * /usr/bin/slipway is linked statically and has the verbs that have to be
 * fast. For all others it executes the large program, which takes longer to
 * load than a command in a container to run.
 */

#include "lib/fault.h"

/* Has the large program do what we were called for. Return: -errno, with a fault, if that is not there. */
int front_hand_over(Fault *fault);
