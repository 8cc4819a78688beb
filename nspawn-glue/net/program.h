/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A program of somebody else's that is executed for a network
 *
 * It reads bytes of ours, and what it writes is kept. It has root's rights, an environment that is given,
 * and no open file but the standard ones. When we end, it ends.
 */

#include <stddef.h>

#include "lib/fault.h"

typedef struct Program {
        const char *title;        /* for messages: "the plugin 'bridge'" */
        char *const *arguments;   /* its path first */
        char *const *environment; /* all of it */
        const char *input;
        size_t input_size;
        char *const *secrets; /* a line with one of them is not told */
} Program;

typedef struct ProgramEnd {
        int status;      /* that it has exited with */
        char *answer;    /* on standard output, with a NUL behind it */
        size_t size;     /* of the answer */
        char words[512]; /* the last line of standard error, which all go to the journal */
} ProgramEnd;

void program_end_done(ProgramEnd *end);

/**
 * program_run() - execute it and wait
 *
 * Return: 0 when it has exited, with whatever status; -ETIMEDOUT, -EIO when it was killed, -EBADMSG when it
 * has written too much, all with a fault; -errno.
 */
int program_run(const Program *program, ProgramEnd *ret, Fault *fault);
