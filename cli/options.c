/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/verbs.h"
#include "lib/report.h"

enum { MOST_OPTIONS = 48 };

static bool has_letter(const Option *option) {
        return option->key > 0 && option->key < OPTION_LONG;
}

/* Columns that text takes on a terminal; all of ours is as wide as it has characters. */
static size_t columns(const char *text) {
        size_t n = 0;

        for (; *text; text++)
                n += (*text & 0xc0) != 0x80;
        return n;
}

/* What stands before an option's help, without the padding. */
static void format_option(char letter, const char *name, const char *argument, char *ret, size_t size) {
        char dash[8] = "   ";

        if (letter)
                (void) snprintf(dash, sizeof(dash), "-%c,", letter);
        (void) snprintf(ret, size, "%s --%s%s%s", dash, name, argument ? "=" : "", argument ? argument : "");
}

enum { LEAST_WIDTH = 26, MOST_WIDTH = 36 };

/* What does not fit into @width has its help in a line of its own. */
static void print_option(size_t width, const char *left, const char *help) {
        size_t n = columns(left);

        if (n > width)
                printf("  %s\n  %*s %s\n", left, (int) width, "", help);
        else
                printf("  %s%*s %s\n", left, (int) (width - n), "", help);
}

/* As wide as the widest, within reason. */
static size_t help_width(const Option *options, size_t n) {
        size_t width = LEAST_WIDTH;
        char left[64];

        for (size_t i = 0; i < n; i++) {
                format_option('\0', options[i].name, options[i].argument, left, sizeof(left));
                if (columns(left) > width && columns(left) <= MOST_WIDTH)
                        width = columns(left);
        }
        return width;
}

static bool lists_only;

void options_list_only(void) {
        lists_only = true;
}

static void list_options(const char *verb, const Option *options, size_t n) {
        for (size_t i = 0; i < n; i++) {
                char letter[] = { has_letter(&options[i]) ? (char) options[i].key : '\0', '\0' };

                printf("%s\t%s\t%s\t%s\t%s\n", verb, letter, options[i].name, options[i].argument ?: "",
                                options[i].help);
        }
        printf("%s\t\thelp\t\tshow this\n", verb);
}

void options_help(const char *argv0, const Option *options, size_t n) {
        const Verb *verb = verb_find(argv0);
        size_t width = help_width(options, n);
        bool taken = false;
        char left[64];

        if (lists_only) {
                list_options(argv0, options, n);
                return;
        }
        if (verb)
                printf("Usage: slipway %s%s%s\n\n%s\n", verb->name, *verb->synopsis ? " " : "",
                                verb->synopsis, verb->summary);

        printf("\nOptions:\n");
        for (size_t i = 0; i < n; i++) {
                char letter = has_letter(&options[i]) ? (char) options[i].key : '\0';

                taken = taken || letter == 'h';
                format_option(letter, options[i].name, options[i].argument, left, sizeof(left));
                print_option(width, left, options[i].help);
        }
        format_option(taken ? '\0' : 'h', "help", NULL, left, sizeof(left));
        print_option(width, left, "show this");
        printf("\nSee slipway-%s(1) for more.\n", argv0);
}

int options_misused(const char *argv0, const char *format, ...) {
        char text[512];
        va_list ap;

        va_start(ap, format);
        (void) vsnprintf(text, sizeof(text), format, ap);
        va_end(ap);

        report_note(REPORT_ERROR, "%s: %s, see 'slipway %s --help'", argv0, text, argv0);
        return VERB_USAGE;
}

/* Puts the table into the words of getopt_long(3). */
static void to_getopt(const Option *options, size_t n, bool leading, struct option *longs, char *shorts) {
        bool taken = false;

        if (leading)
                *shorts++ = '+';
        *shorts++ = ':';
        for (size_t i = 0; i < n; i++) {
                longs[i] = (struct option){
                        .name = options[i].name,
                        .has_arg = options[i].argument ? required_argument : no_argument,
                        .val = options[i].key,
                };
                if (!has_letter(&options[i]))
                        continue;
                taken = taken || options[i].key == 'h';
                *shorts++ = (char) options[i].key;
                if (options[i].argument)
                        *shorts++ = ':';
        }
        longs[n] = (struct option){ .name = "help", .has_arg = no_argument, .val = OPTION_HELP };
        if (!taken)
                *shorts++ = 'h';
        *shorts = '\0';
}

static bool table_has(const Option *options, size_t n, int key) {
        for (size_t i = 0; i < n; i++)
                if (options[i].key == key)
                        return true;
        return false;
}

/* With letters optopt has the letter; without, only argv knows what was written. */
static int bad_option(const char *problem, int argc, char **argv) {
        const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";

        if (optopt > 0 && optopt < OPTION_LONG && strncmp(word, "--", 2) != 0)
                (void) options_misused(argv[0], "option '-%c' %s", optopt, problem);
        else
                (void) options_misused(argv[0], "option '%s' %s", word, problem);
        return OPTION_BAD;
}

static int next(const Option *options, size_t n, bool leading, int argc, char **argv) {
        struct option longs[MOST_OPTIONS + 2] = {};
        char shorts[2 * MOST_OPTIONS + 4];
        int key;

        if (n > MOST_OPTIONS)
                n = MOST_OPTIONS;
        to_getopt(options, n, leading, longs, shorts);

        opterr = 0;
        key = getopt_long(argc, argv, shorts, longs, NULL);

        if (key == OPTION_HELP || (key == 'h' && !table_has(options, n, 'h'))) {
                options_help(argv[0], options, n);
                return OPTION_HELP;
        }
        if (key == ':')
                return bad_option("needs a value", argc, argv);
        if (key == '?')
                return bad_option("is not known, or not meant so", argc, argv);
        return key;
}

int options_next(const Option *options, size_t n, int argc, char **argv) {
        return next(options, n, false, argc, argv);
}

int options_next_leading(const Option *options, size_t n, int argc, char **argv) {
        return next(options, n, true, argc, argv);
}
