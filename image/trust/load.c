/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Reading policy and keys, all as they are at one moment. */

#include <string.h>

#include "image/trust/check.h"
#include "image/trust/rule.h"

#define TRIES 3

static int load_policy(const char *dir, TrustPolicy *policy, Fault *fault) {
        int r = policy_text_load(dir, &policy->text, fault);

        if (r < 0)
                return r;
        if (fault && policy->text.path)
                fault_locate(fault, &(Place){ .path = policy->text.path });
        r = policy_parse(policy->text.text, policy->text.size, &policy->policy, fault);
        if (r < 0)
                return r;
        if (fault)
                fault_locate(fault, &(Place){});
        return key_files_load(dir, &policy->keys, fault);
}

/* What is written down with a verdict must be what it rests on, even if somebody adds a key meanwhile. */
static int try_load(const char *dir, TrustPolicy **ret, Fault *fault) {
        autotrust TrustPolicy *policy = calloc(1, sizeof(TrustPolicy));
        char before[65];
        int r;

        if (!policy)
                return -ENOMEM;
        r = trust_policy_digest(dir, before, fault);
        if (r >= 0)
                r = load_policy(dir, policy, fault);
        if (r >= 0)
                r = trust_policy_digest(dir, policy->digest, fault);
        if (r < 0)
                return r;
        if (strcmp(before, policy->digest) != 0)
                return -EAGAIN;
        *ret = TAKE(policy);
        return 0;
}

int trust_load(const char *dir, TrustPolicy **ret, Fault *fault) {
        int r = -EAGAIN;

        for (int i = 0; i < TRIES && r == -EAGAIN; i++)
                r = try_load(dir, ret, fault);
        if (r == -EAGAIN)
                return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                "policy and keys of trust are being changed; try again");
        return r;
}

void trust_policy_free(TrustPolicy *policy) {
        policy_done(&policy->policy);
        policy_text_done(&policy->text);
        key_files_done(&policy->keys);
        free(policy);
}
