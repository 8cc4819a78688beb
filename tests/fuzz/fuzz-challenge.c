/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* WWW-Authenticate: what is accepted has words that fit into a request, and is refused as a whole or not at
 * all. */

#include <assert.h>
#include <stdint.h>
#include <string.h>

#include "image/registry/challenge.h"
#include "image/registry/token.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_word(const char *word, size_t size) {
        assert(!word || strlen(word) <= size);
        for (; word && *word; word++)
                assert((unsigned char) *word >= 0x20 || *word == '\t');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        static const Endpoint endpoint = { .host = (char *) "registry.example" };
        autochallenges Challenges challenges = {};
        autofree char *text = strndup((const char *) data, size);
        const Challenge *chosen;
        Fault fault = {};

        if (!text || challenges_parse(text, &challenges, &fault) < 0) {
                assert(challenges.n == 0 && (!text || fault_is_raised(&fault)));
                return 0;
        }
        assert(challenges.n <= CHALLENGES_LIMIT);
        for (size_t i = 0; i < challenges.n; i++) {
                check_word(challenges.items[i].realm, size);
                check_word(challenges.items[i].service, size);
                check_word(challenges.items[i].scope, size);
        }
        chosen = challenges_choose(&challenges);
        assert(!chosen || chosen->scheme != CHALLENGE_OTHER);

        /* What may be asked is never plain HTTP. */
        if (chosen && chosen->realm && token_check_realm(chosen->realm, &endpoint, &fault) >= 0)
                assert(strncasecmp(chosen->realm, "https:", 6) == 0 && !strpbrk(chosen->realm, " \t"));
        return 0;
}
