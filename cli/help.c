/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway help: the overview, made from the table of verbs. */

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

int verb_help(int argc, char **argv) {
        char *question[] = { NULL, (char *) "--help", NULL };
        const Verb *verb;

        if (argc < 2)
                return overview();
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
