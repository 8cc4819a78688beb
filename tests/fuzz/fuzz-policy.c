/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Policies of trust: what is refused leaves nothing behind, and what is taken can be looked up in. */

#include <assert.h>
#include <stdint.h>

#include "image/trust/policy.h"
#include "lib/strv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_scope(const Scope *scope) {
        assert(scope->n > 0);
        for (size_t i = 0; i < scope->n; i++) {
                const Requirement *requirement = &scope->items[i];

                assert((requirement->kind == REQUIRE_IMPOSSIBLE) == (requirement->why != NULL));
                if (requirement->kind == REQUIRE_OPENPGP || requirement->kind == REQUIRE_SIGSTORE)
                        assert(requirement->keys.n > 0);
                (void) identity_matches(&requirement->identity, "docker.io/acme/app:1", scope->name);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        autopolicy Policy policy = {};
        Fault fault = {};

        if (policy_parse((const char *) data, size, &policy, &fault) < 0) {
                assert(fault_is_raised(&fault));
                assert(!policy.items && !policy.fallback.items);
                return 0;
        }
        check_scope(&policy.fallback);
        for (size_t i = 0; i < policy.n; i++)
                for (size_t k = 0; k < policy.items[i].n; k++) {
                        autostrv char **candidates = NULL;

                        check_scope(&policy.items[i].scopes[k]);
                        assert(transport_scope(&policy.items[i], policy.items[i].scopes[k].name));
                        assert(scope_candidates(policy.items[i].scopes[k].name, &candidates) == 0);
                }
        return 0;
}
