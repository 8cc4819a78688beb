/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway help: the overview, made from the table of verbs. */

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/verbs.h"
#include "lib/report.h"

static int overview(void) {
        size_t width = 0;

        for (size_t i = 0; i < n_verbs; i++)
                if (strlen(verbs[i].name) > width)
                        width = strlen(verbs[i].name);

        printf("Usage: slipway VERB [OPTION…] [ARGUMENT…]\n\nContainers as native systemd "
               "units.\n\nVerbs:\n");
        for (size_t i = 0; i < n_verbs; i++)
                printf("  %-*s  %s\n", (int) width, verbs[i].name, verbs[i].summary);
        printf("\nOptions:\n  -h, --help  show this\n  --version   show the version\n\n"
               "'slipway help VERB' shows how a verb is used; see slipway(1) for the whole.\n");
        return VERB_OK;
}

/* For those who write completions: verbs as "VERB SYNOPSIS SUMMARY", then their options. */
static int list_all(void) {
        options_list_only();
        for (size_t i = 0; i < n_verbs; i++)
                printf("%s\t%s\t%s\n", verbs[i].name, verbs[i].synopsis, verbs[i].summary);
        for (size_t i = 0; i < n_verbs; i++) {
                char *question[] = { (char *) verbs[i].name, (char *) "--help", NULL };

                optind = 0; /* getopt_long(3) begins anew */
                if (strcmp(verbs[i].name, "help") != 0)
                        (void) verbs[i].run(2, question);
        }
        return VERB_OK;
}

int verb_help(int argc, char **argv) {
        char *question[] = { NULL, (char *) "--help", NULL };
        const Verb *verb;

        if (argc < 2)
                return overview();
        if (argc == 2 && strcmp(argv[1], "--list") == 0)
                return list_all();
        if (argc > 2)
                return options_misused(argv[0], "there is help for one verb at a time");
        if (strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
                printf("Usage: slipway help [VERB]\n\nSee slipway(1) for more.\n");
                return VERB_OK;
        }

        verb = verb_find(argv[1]);
        if (!verb)
                return options_misused(argv[0], "there is no verb '%s'", argv[1]);

        question[0] = argv[1];
        return verb->run(2, question);
}
