/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A program that a start waits for
 *
 * It may tell the service manager how far it is, and take long. Whoever stops the unit meanwhile stops it:
 * the signal is handed on, and the program is not left behind.
 */

#include <stddef.h>

#include "lib/fault.h"

typedef struct HelperEnd {
        char output[1024]; /* what it has written to standard output; the rest of what is longer is left out
                            */
        char words[512];   /* the last line of its standard error, if it has failed: why */
        int signal;        /* that was sent to us meanwhile, 0 for none */
} HelperEnd;

/**
 * helper_run() - execute a program and wait for its end
 * @arguments:  its path first
 *
 * What it writes to standard error goes to the journal, but for the last line of one that has failed.
 *
 * Return: 0; -ECANCELED when a signal has ended it; -EIO when it has failed; -errno with a fault when it
 * could not be executed.
 */
int helper_run(char *const *arguments, HelperEnd *ret, Fault *fault);

/* The same for one with nothing to tell but why it has failed, which is the fault then. */
int helper_do(char *const *arguments, Fault *fault);
