/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Files of registries.d. */

#include <assert.h>
#include <stdint.h>

#include "image/trust/registries-d.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autoregistries RegistriesD registries = {};
        autofree char *lookaside = NULL;
        Fault fault = {};
        int attachments;

        if (registries_d_parse((const char *) data, size, &registries, &fault) < 0)
                assert(fault_is_raised(&fault));
        assert(registries_d_find(&registries, "docker.io/acme/app:1", &lookaside, &attachments) == 0);
        assert(lookaside && attachments >= -1 && attachments <= 1);
        return 0;
}
