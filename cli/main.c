/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway: finds the verb and runs it. What verbs there are, cli/verbs.c knows. */

#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/elsewhere.h"
#include "cli/foreign.h"
#include "cli/verbs.h"
#include "lib/fault-point.h"
#include "lib/report.h"

char *const *elsewhere_words;

static int unknown(const char *word) {
        const ForeignVerb *foreign = foreign_verb_find(word);
        const Verb *nearest = verb_nearest(word);

        if (word[0] == '-')
                report_note(REPORT_ERROR, "there is no option '%s', see 'slipway --help'", word);
        else if (foreign)
                report_note(REPORT_ERROR, "there is no verb '%s': %s", word, foreign->instead);
        else if (nearest)
                report_note(REPORT_ERROR, "there is no verb '%s', did you mean '%s'?", word, nearest->name);
        else
                report_note(REPORT_ERROR, "there is no verb '%s', see 'slipway --help'", word);
        return VERB_USAGE;
}

static int dispatch(int argc, char **argv) {
        char *help[] = { (char *) "help", NULL };
        const Verb *verb;

        if (argc < 2) {
                report_note(REPORT_ERROR, "a verb is missing, see 'slipway --help'");
                return VERB_USAGE;
        }
        if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
                return verb_help(1, help);
        if (strcmp(argv[1], "--version") == 0) {
                printf("slipway %s\n", SLIPWAY_VERSION);
                return VERB_OK;
        }

        verb = verb_find(argv[1]);
        return verb ? verb->run(argc - 1, argv + 1) : unknown(argv[1]);
}

/* What is opened first would otherwise be taken for a standard stream, and passed on as one. */
static void open_streams(void) {
        while (fcntl(STDERR_FILENO, F_GETFD) < 0 || fcntl(STDOUT_FILENO, F_GETFD) < 0 ||
                        fcntl(STDIN_FILENO, F_GETFD) < 0)
                if (open("/dev/null", O_RDWR | O_NOCTTY) < 0)
                        break;
}

int main(int argc, char **argv) {
        int status;

        elsewhere_words = argv;
        open_streams();
        (void) setlocale(LC_CTYPE, "");
        report_init("slipway", REPORT_TERMINAL);
        fault_point_choose(".slipway");
        if (fault_point_asked(argc, argv))
                return VERB_OK;

        status = dispatch(argc, argv);

        /* A full disk or a closed pipe must not pass for success. */
        if ((fflush(stdout) != 0 || ferror(stdout)) && status == VERB_OK) {
                report_note(REPORT_ERROR, "cannot write to standard output");
                status = VERB_FAILED;
        }
        return status;
}
