/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway tag: another name for an image. */

#include "image/tag.h"

#include <getopt.h>
#include <stdio.h>

#include "cli/image-event.h"
#include "cli/options.h"
#include "cli/state.h"
#include "cli/verbs.h"
#include "image/change.h"
#include "image/trust/trust.h"
#include "lib/report.h"

static int tag(char **argv, Fault *fault) {
        AUTO(tag_result_done) TagResult result = {};
        autostore Store store = STORE_CLOSED;
        int r;

        r = store_create(state_directory(), &store, fault);
        if (r < 0)
                return r;
        r = image_tag(&store, argv[0], argv + 1, trust_tag_record, NULL, &result, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot tag '%.200s'", argv[0]);
        for (size_t i = 0; result.names[i]; i++) {
                image_event(MESSAGE_IMAGE_IMPORTED, result.names[i], &result.id);
                printf("%s\n", result.names[i]);
        }
        return 0;
}

int verb_tag(int argc, char **argv) {
        Fault fault = {};
        int key, r;

        while ((key = options_next(NULL, 0, argc, argv)) != OPTION_END)
                return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        if (argc - optind < 2)
                return options_misused(argv[0], "an image is needed, and at least one name for it");

        r = tag(argv + optind, &fault);
        if (r >= 0)
                return VERB_OK;
        if (!fault_is_raised(&fault))
                (void) fault_wrap(&fault, r, "cannot tag");
        report_fault(REPORT_ERROR, &fault);
        return VERB_FAILED;
}
