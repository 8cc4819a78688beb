/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What registries and token servers say: a token fits into a header, and words drive no terminal. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "image/registry/registry-error.h"
#include "image/registry/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autofree char *token = NULL;
        char words[128];
        uint64_t seconds;
        Fault fault = {};

        if (token_parse_reply((const char *) data, size, &token, &seconds, &fault) >= 0) {
                assert(*token && strspn(token, "\"") < size && seconds <= 86400);
                for (const char *c = token; *c; c++)
                        assert(*c > 0x20 && *c < 0x7f);
        } else
                assert(fault_is_raised(&fault) && !token);

        registry_error_text((const char *) data, size, words, sizeof(words));
        assert(strlen(words) < sizeof(words));
        for (const char *c = words; *c; c++)
                assert((unsigned char) *c >= 0x20 && *c != 0x7f);
        return 0;
}
