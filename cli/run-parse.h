/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The command line of slipway run
 *
 *     slipway run [OPTION…] IMAGE [COMMAND [ARGUMENT…]]
 *
 * Options end at IMAGE; what follows is the container's. Letters can be joined, as in "-it".
 */

#include "cli/run-flags.h"

typedef struct RunCall {
        RunSwitches switches;
        const char *image;    /* or a directory */
        char *const *command; /* a tail of argv, may be empty */
        bool wants_help;
        RunManifest manifest; /* of the flags that are lines in one */
} RunCall;

/**
 * run_parse() - read a command line
 * @argv:       the verb first; the call borrows from it
 *
 * Return: 0, or -errno with a fault whose key is the flag.
 */
int run_parse(int argc, char **argv, RunCall *ret, Fault *fault);

void run_call_done(RunCall *call);
