/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is signed, in both formats. */

#include <assert.h>
#include <stdint.h>

#include "image/trust/identity.h"
#include "image/trust/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse(const uint8_t *data, size_t size, const char *type) {
        autopayload Payload payload = {};
        Fault fault = {};

        if (payload_parse((const char *) data, size, type, &payload, &fault) < 0) {
                assert(fault_is_raised(&fault) && !payload.reference);
                return;
        }
        assert(digest_is_hex(payload.digest.hex, DIGEST_HEX));
        for (IdentityKind kind = 0; kind < _IDENTITY_KIND_MAX; kind++) {
                Identity identity = { .kind = kind,
                        .reference = (char *) "docker.io/acme/app:1",
                        .prefix = (char *) "docker.io/acme",
                        .signed_prefix = (char *) "example.com" };

                (void) identity_matches(&identity, "docker.io/acme/app:1", payload.reference);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        parse(data, size, PAYLOAD_ATOMIC);
        parse(data, size, PAYLOAD_COSIGN);
        return 0;
}
