/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The text of a unit, taken apart again
 *
 * For units that are to be made without a file: what the unit writer has
 * written, line by line, as systemd would read it. An empty value forgets what
 * came before it, as in a file. [Install] and [X-…] are for files only, and left out.
 */

#include <stddef.h>

#include "lib/fault.h"

typedef struct Directive {
        char *section; /* "Service" */
        char *key;     /* "MemoryMax" */
        char *value;   /* as written, with quotes, escapes and specifiers */
} Directive;

typedef struct Directives {
        Directive *directives;
        size_t n;
} Directives;

/* Return: 0 or -ENOMEM. */
int directives_read(const char *text, Directives *ret);

void directives_done(Directives *directives);
