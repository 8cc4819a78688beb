/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/pull/decide.h"

#include "lib/strv.h"

static int decide_one(const TrustPolicy *policy, const char *name, const Digest *top, const Digest *manifest,
                Fetch *fetch, Decision *decision, Fault *fault) {
        const TrustSubject subject = { "docker", name, *top, *manifest };
        int r = trust_collect(policy, &subject, fetch, &decision->signatures, fault);

        return r < 0 ? r : trust_verify(policy, &subject, &decision->signatures, &decision->verdict, fault);
}

int decide(char *const *names, const Digest *top, const Digest *manifest, Fetch *fetch, Decisions *ret,
                Fault *fault) {
        AUTO(decisions_done) Decisions decisions = {};
        size_t n = strv_length(names);
        autotrust TrustPolicy *policy = NULL;
        int r = trust_load(NULL, &policy, fault);

        if (r < 0)
                return r;
        decisions.items = calloc(n + 1, sizeof(Decision));
        if (!decisions.items)
                return -ENOMEM;
        for (decisions.n = 0; decisions.n < n && r >= 0; decisions.n++)
                r = decide_one(policy, names[decisions.n], top, manifest, fetch,
                                &decisions.items[decisions.n], fault);
        if (r < 0)
                return r;
        *ret = decisions;
        decisions = (Decisions){};
        return 0;
}

void decisions_done(Decisions *decisions) {
        for (size_t i = 0; i < decisions->n; i++) {
                signature_list_done(&decisions->items[i].signatures);
                trust_verdict_done(&decisions->items[i].verdict);
        }
        free(decisions->items);
        *decisions = (Decisions){};
}
