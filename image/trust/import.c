/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* An image that is imported: its names decide, unless the policy speaks of the way it came. */

#include "image/trust/trust.h"
#include "lib/strv.h"

static int decide_one(const TrustPolicy *policy, const char *transport, const char *name, const Digest *top,
                TrustVerdict *ret, Fault *fault) {
        TrustSubject subject = { .transport = transport, .name = name, .top = *top };
        SignatureList none = {};

        return trust_verify(policy, &subject, &none, ret, fault);
}

int trust_import_decide(
                void *data, const char *transport, char *const *names, const Digest *top, Fault *fault) {
        autotrust TrustPolicy *policy = NULL;
        TrustVerdicts *verdicts = data;
        int r = trust_load(NULL, &policy, fault);

        if (r < 0)
                return r;
        trust_verdicts_done(verdicts);
        verdicts->items = calloc(strv_length(names) + 1, sizeof(TrustVerdict));
        if (!verdicts->items)
                return -ENOMEM;
        for (; names && names[verdicts->n] && r >= 0; verdicts->n++)
                r = decide_one(policy, transport, names[verdicts->n], top, &verdicts->items[verdicts->n],
                                fault);
        return r;
}

int trust_import_record(void *data, size_t i, int dir_fd, Fault *fault) {
        const TrustVerdicts *verdicts = data;

        return i < verdicts->n ? trust_record(dir_fd, NULL, &verdicts->items[i], fault) : 0;
}

void trust_verdicts_done(TrustVerdicts *verdicts) {
        for (size_t i = 0; i < verdicts->n; i++)
                trust_verdict_done(&verdicts->items[i]);
        free(verdicts->items);
        *verdicts = (TrustVerdicts){};
}
