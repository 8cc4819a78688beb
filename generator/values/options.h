/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Mount options: the comma separated words behind Volume=, Tmpfs= and Mount=. */

#include <stdbool.h>
#include <stddef.h>

#include "lib/fault.h"

/* What an option's value has to be. */
typedef enum OptionValue {
        OPTION_PLAIN,  /* there is none */
        OPTION_SIZE,   /* bytes with a unit, or percent */
        OPTION_NUMBER, /* decimal */
        OPTION_MODE,   /* octal permissions */
        OPTION_PATH,   /* an absolute path of the host */
        OPTION_INNER,  /* a path below something else, without ".." */
        OPTION_ANY,    /* anything, and it may be missing */
} OptionValue;

typedef struct OptionRow {
        const char *name;
        OptionValue value;
        const char *later;  /* not supported yet: what it would be, else NULL */
        const char *refuse; /* never supported: why, else NULL */
        char exclusive;     /* options of one letter exclude each other; 0 for none */
} OptionRow;

/**
 * options_check() - hold options to a table
 * @text:       "ro,size=64m"; expansions in single options pass
 * @rows:       what there may be
 * @later:      set to what is right but not supported yet
 */
int options_check(const char *text, const OptionRow *rows, size_t n_rows, const char **later, Fault *fault);
