/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* slipway inspect: all about an image, as JSON. */

#include <getopt.h>
#include <jansson.h>

#include "cli/image-rows.h"
#include "cli/options.h"
#include "cli/state.h"
#include "cli/table.h"
#include "cli/verbs.h"
#include "lib/report.h"

static int inspect(Store *store, const NameList *names, const char *text, json_t *array, Fault *fault) {
        AUTO(image_row_done) ImageRow row = {};
        Digest id;
        int r;

        r = image_find(store, text, &id, NULL, fault);
        if (r < 0)
                return r;
        r = image_row_load(store, &id, names, &row, fault);
        if (r < 0)
                return r;
        return json_array_append_new(array, image_row_json(&row, false)) < 0 ? -ENOMEM : 0;
}

static int tell(const char *text, int r, Fault *fault) {
        if (!fault_is_raised(fault))
                (void) fault_wrap(fault, r, "cannot inspect '%.200s'", text);
        report_fault(REPORT_ERROR, fault);
        return VERB_FAILED;
}

/* What is there is printed, also when something else is not. */
static int inspect_all(Store *store, int argc, char **argv) {
        AUTO(name_list_done) NameList names = {};
        json_t *array = json_array();
        int status = VERB_OK, r;
        Fault fault = {};

        if ((r = store_lock(store, STORE_SHARED, &fault)) < 0 ||
                        (r = store_list_names(store, &names, &fault)) < 0) {
                json_decref(array);
                return tell(argv[0], r, &fault);
        }
        for (int i = 0; i < argc; i++) {
                fault = (Fault){};
                r = inspect(store, &names, argv[i], array, &fault);
                if (r < 0)
                        status = tell(argv[i], r, &fault);
        }
        store_unlock(store);

        r = json_print(array, stdout);
        json_decref(array);
        return r < 0 ? VERB_FAILED : status;
}

int verb_inspect(int argc, char **argv) {
        autostore Store store = STORE_CLOSED;
        Fault fault = {};
        int key, r;

        while ((key = options_next(NULL, 0, argc, argv)) != OPTION_END)
                return key == OPTION_HELP ? VERB_OK : VERB_USAGE;
        if (optind == argc)
                return options_misused(argv[0], "an image is needed");

        r = store_open(state_directory(), &store, &fault);
        return r < 0 ? tell(argv[optind], r, &fault) : inspect_all(&store, argc - optind, argv + optind);
}
