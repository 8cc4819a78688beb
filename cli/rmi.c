/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway rmi: takes names and images out of the store. */

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include "cli/image-event.h"
#include "cli/leftovers.h"
#include "cli/options.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "image/remove.h"
#include "lib/report.h"

/* clang-format off */
static const Option options[] = {
        { 'f', "force", NULL, "by id, also remove an image that has several names" },
};
/* clang-format on */

static int remove_one(Store *store, const char *text, bool force) {
        AUTO(removal_done) Removal removal = {};
        Fault fault = {};
        int r = image_remove(store, text, force, &removal, &fault);

        if (r < 0) {
                if (!fault_is_raised(&fault))
                        (void) fault_wrap(&fault, r, "cannot remove '%.200s'", text);
                report_fault(REPORT_ERROR, &fault);
                return VERB_FAILED;
        }
        for (size_t i = 0; removal.names && removal.names[i]; i++) {
                printf("untagged %s\n", removal.names[i]);
                image_event(MESSAGE_IMAGE_REMOVED, removal.names[i], &removal.id);
        }
        if (!removal.names && removal.is_gone)
                image_event(MESSAGE_IMAGE_REMOVED, NULL, &removal.id);
        if (removal.is_gone)
                printf("removed sha256:%s\n", removal.id.hex);
        return VERB_OK;
}

int verb_rmi(int argc, char **argv) {
        autostore Store store = STORE_CLOSED;
        bool force = false;
        int key, status = VERB_OK;
        Fault fault = {};

        while ((key = options_next(options, ELEMENTS(options), argc, argv)) != OPTION_END) {
                if (key == OPTION_HELP)
                        return VERB_OK;
                if (key == OPTION_BAD)
                        return VERB_USAGE;
                force = true;
        }
        if (optind == argc)
                return options_misused(argv[0], "an image is needed");

        if (store_create(state_directory(), &store, &fault) < 0) {
                report_fault(REPORT_ERROR, &fault);
                return VERB_FAILED;
        }
        leftovers_clean();
        for (int i = optind; i < argc; i++)
                if (remove_one(&store, argv[i], force) != VERB_OK)
                        status = VERB_FAILED;
        return status;
}
