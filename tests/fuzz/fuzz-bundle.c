/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Bundles of sigstore, and the statements in them; both verified, too, with a key that has signed none. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "image/trust/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char pem[] = "-----BEGIN PUBLIC KEY-----\n"
                          "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEyj7mwhT57kmspSEyUgw1Et9snas0\n"
                          "tiQygq5CocCSj1zcaIiPxDTa1KTDJzP7nYK3aE5ZildG7ieRRe2qmpXprQ==\n"
                          "-----END PUBLIC KEY-----\n";

static void verify(const uint8_t *data, size_t size) {
        static const Identity identity = { .kind = IDENTITY_ATTACHED };
        static PublicKey *key;
        TrustSubject subject = { .transport = "docker", .name = "docker.io/acme/app:1" };
        Signature signature = { .kind = SIGNATURE_BUNDLE, .data = (char *) data, .size = size };
        Wanted wanted = { .subject = &subject, .identity = &identity, .keys = { &key, 1 } };
        const PublicKey *by;
        Digest digest;

        if (!key)
                assert(public_key_read(pem, strlen(pem), "key", &key, NULL) == 0);
        memset(subject.top.hex, '0', DIGEST_HEX);
        assert(bundle_verify(&wanted, &signature, &by, &digest, NULL) < 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        AUTO(statement_done) Statement statement = {};
        AUTO(bundle_done) Bundle bundle = {};
        Fault fault = {}, again = {};

        if (bundle_parse((const char *) data, size, &bundle, &fault) < 0)
                assert(fault_is_raised(&fault) && !bundle.signature && !bundle.payload);
        else if (bundle.payload &&
                        statement_parse(bundle.payload, bundle.payload_size, &statement, &again) < 0)
                assert(fault_is_raised(&again) && !statement.items);
        verify(data, size);
        statement_done(&statement);
        if (statement_parse((const char *) data, size, &statement, NULL) >= 0)
                assert(statement.n > 0);
        return 0;
}
