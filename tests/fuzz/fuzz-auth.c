/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* auth.json, what a credential helper answers, and base64: what comes of it is whole, or nothing. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "image/registries/helper.h"
#include "image/registries/secret.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_file(const char *text, size_t size, bool is_old) {
        autoauth Auth auth = {};
        Fault fault = {};
        int r;

        /* A file that names a program would have it executed. */
        if (memmem(text, size, "cred", 4) || memmem(text, size, "\\u", 2))
                return;
        r = auth_find_in_text(text, size, "f", is_old, "docker.io", "library/nginx", &auth, &fault);
        assert((r < 0) == fault_is_raised(&fault));
        if (r > 0) {
                assert(auth.source);
                assert(auth.password || auth.identity_token || auth.registry_token);
        } else
                assert(!auth.user && !auth.password && !auth.identity_token && !auth.registry_token);
}

static void try_helper(const char *text, size_t size) {
        autoauth Auth auth = {};
        Fault fault = {};

        if (helper_parse(text, size, &auth, &fault) < 0)
                assert(fault_is_raised(&fault));
        else
                assert((auth.user && auth.password) || auth.identity_token);
        (void) helper_is_suffix(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autofree char *text = strndup((const char *) data, size), *decoded = NULL;
        size_t n;

        assert(text);
        secret_wipe_json();
        try_file((const char *) data, size, false);
        try_file((const char *) data, size, true);
        try_helper(text, strlen(text));
        if (auth_decode_base64(text, &decoded, &n) >= 0)
                assert(n <= strlen(text) / 4 * 3 && decoded[n] == '\0');
        return 0;
}
