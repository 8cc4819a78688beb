/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/pull-import.h"

#include <stdio.h>

#include "cli/image-event.h"
#include "cli/state.h"
#include "image/change.h"
#include "image/import.h"
#include "image/trust/trust.h"
#include "lib/report.h"

int pull_import(const PullOptions *options, const char *name, bool quiet, const char *source, Fault *fault) {
        AUTO(import_result_done) ImportResult result = {};
        AUTO(trust_verdicts_done) TrustVerdicts verdicts = {};
        autostore Store store = STORE_CLOSED;
        char *names[] = { (char *) name, NULL };
        ImportRequest request = {
                .source = source,
                .names = name ? names : NULL,
                .platform = options->platform,
                .platform_is_given = options->platform_is_given,
                .budget = { options->budget.entries ?: UNPACK_ENTRIES_DEFAULT,
                                options->budget.bytes ?: UNPACK_BYTES_DEFAULT },
                .decide = trust_import_decide,
                .record = trust_import_record,
                .decide_data = &verdicts,
        };
        int r = store_create(state_directory(), &store, fault);

        if (r >= 0)
                r = image_import(&store, &request, &result, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot pull '%.200s'", source);
        for (size_t i = 0; result.names && result.names[i]; i++) {
                image_event(MESSAGE_IMAGE_IMPORTED, result.names[i], &result.id);
                if (!quiet)
                        report_note(REPORT_NOTICE, "%s: %zu layers, %zu of them new", result.names[i],
                                        result.n_layers, result.n_new);
        }
        if (!result.names)
                image_event(MESSAGE_IMAGE_IMPORTED, NULL, &result.id);
        printf("sha256:%s\n", result.id.hex);
        return 0;
}
