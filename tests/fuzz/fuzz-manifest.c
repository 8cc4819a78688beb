/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Manifests and indexes, announced as either or as nothing: never both, and all digests are digests. */

#include <assert.h>
#include <stdint.h>

#include "image/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int parse(const uint8_t *data, size_t size, const char *media_type) {
        automanifest Manifest manifest = {};
        Fault fault = {};

        if (manifest_parse((const char *) data, size, media_type, &manifest, &fault) < 0) {
                assert(fault_is_raised(&fault));
                return 0;
        }
        for (size_t i = 0; i < manifest.n_items; i++) {
                assert(digest_is_hex(manifest.items[i].digest.hex, DIGEST_HEX));
                assert(manifest.items[i].size >= 0);
        }
        return manifest.kind == MANIFEST_INDEX ? 2 : 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        int as_image = parse(data, size, MEDIA_OCI_MANIFEST), as_index = parse(data, size, MEDIA_OCI_INDEX);

        assert(as_image != 2 && as_index != 1);
        (void) parse(data, size, NULL);

        /* A document that both kinds of readers accept says nothing that either would act on. */
        if (as_image && as_index)
                assert(0);
        return 0;
}
