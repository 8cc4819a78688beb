/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What slipway-store is asked for: what is accepted has a name that is one, and a budget. */

#include <assert.h>
#include <stdint.h>

#include "image/doc.h"
#include "image/pull/request.h"
#include "image/reference.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autojson json_t *body = json_loadb((const char *) data, size, JSON_REJECT_DUPLICATES, NULL);
        AUTO(pull_request_done) PullRequest request = {};
        autofree char *name = NULL;
        Fault fault = {};

        if (!json_is_object(body))
                return 0;
        if (pull_request_parse(body, &request, &fault) < 0) {
                assert(fault_is_raised(&fault));
                return 0;
        }
        assert(reference_normalise(request.name, &name, NULL) == 0);
        assert(digest_is_hex(request.digest.hex, DIGEST_HEX));
        assert(request.budget.entries > 0 && request.budget.bytes > 0);
        return 0;
}
