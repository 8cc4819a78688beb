/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Names of images: what is accepted is one file name, and is its own normal form. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "image/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autofree char *text = strndup((const char *) data, size), *name = NULL, *again = NULL, *file = NULL,
                      *back = NULL;
        Fault fault = {};

        if (!text || reference_normalise(text, &name, &fault) < 0) {
                assert(!text || fault_is_raised(&fault));
                return 0;
        }

        assert(reference_normalise(name, &again, NULL) == 0);
        assert(strcmp(name, again) == 0);
        assert(reference_escape(name, &file) == 0);
        assert(!strchr(file, '/') && *file != '.' && strlen(file) <= 255);
        assert(reference_unescape(file, &back) == 0);
        assert(strcmp(name, back) == 0);
        return 0;
}
