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

/* Executes the large program with the words of a verb. Return: -errno, with a fault, if that is not there.
 */
int front_execute_other(char *const *argv, Fault *fault);
