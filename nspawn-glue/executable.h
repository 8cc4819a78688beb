/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Why a file cannot be executed
 *
 * execve(2) has one errno for several misfortunes: a script whose interpreter
 * is missing is ENOENT, as if it were not there itself. This looks again, for
 * the sake of those who have to mend it.
 */

#include <stddef.h>

#include "lib/fault.h"

/* What the first bytes of a file say that it needs. */
typedef struct Executable {
        enum {
                EXECUTABLE_UNKNOWN,
                EXECUTABLE_SCRIPT,
                EXECUTABLE_ELF,
                EXECUTABLE_FOREIGN, /* ELF for another machine */
        } kind;
        char interpreter[256]; /* of a script, or the loader of a program; may be empty */
        const char *machine;   /* what a foreign one is for */
} Executable;

/* Looks at the first @size bytes of a file. Never fails: what cannot be understood is unknown. */
void executable_read(const unsigned char *data, size_t size, Executable *ret);

/**
 * executable_explain() - raise a fault for a file that execve(2) refused
 * @path:       as it was tried
 * @error:      errno of execve
 *
 * Return: -@error.
 */
int executable_explain(const char *path, int error, Fault *fault);
