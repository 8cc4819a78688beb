/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Options of a verb
 *
 * One table is the truth for getopt_long(3) and for --help:
 *
 *     static const Option options[] = {
 *             { 'q', "quiet",  NULL,   "print names only" },
 *             { OPTION_LONG, "format", "FORMAT", "how to print" },
 *     };
 *
 *     for (;;)
 *             switch (options_next(options, ELEMENTS(options), argc, argv)) {
 *             case 'q':         …             continue;
 *             case OPTION_LONG: … optarg …    continue;
 *             case OPTION_END:                break out, arguments are at argv[optind]
 *             case OPTION_HELP: return VERB_OK;
 *             default:          return VERB_USAGE;
 *             }
 *
 * --help (and -h, unless the table has an 'h') is answered here, and so are mistakes.
 */

#include <stddef.h>

enum {
        OPTION_END = -1,
        OPTION_HELP = -2,  /* help was asked for and printed */
        OPTION_BAD = -3,   /* the mistake was told */
        OPTION_LONG = 256, /* options without a letter count up from here */
};

typedef struct Option {
        int key;              /* its letter, or from OPTION_LONG on when it has none */
        const char *name;     /* without the dashes */
        const char *argument; /* what its value is called, NULL when it has none */
        const char *help;     /* one line, lower case, no full stop */
} Option;

/* Return: the key of the next option, its value in optarg, or one of the negative values above. */
int options_next(const Option *options, size_t n, int argc, char **argv);

/* The same for verbs whose arguments end with a command: the first word that is no option is the end. */
int options_next_leading(const Option *options, size_t n, int argc, char **argv);

/* From now on, help is printed for programs: a line "VERB LETTER NAME ARGUMENT HELP" for each option, with
 * tabs. */
void options_list_only(void);

/* Prints how the verb @argv0 is used, to standard output. */
void options_help(const char *argv0, const Option *options, size_t n);

/* Tells that the verb was not called as its synopsis says. Return: VERB_USAGE. */
int options_misused(const char *argv0, const char *format, ...) __attribute__((format(printf, 2, 3)));
