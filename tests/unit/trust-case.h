/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What there is to be decided about, and what has to come of it. */

#include <errno.h>
#include <stdarg.h>

#include "tests/unit/trust-tree.h"

#define ACCEPT "[{\"type\":\"insecureAcceptAnything\"}]"
#define REJECT "[{\"type\":\"reject\"}]"

static SignatureList signatures;

static inline void setup(void) {
        tree_make();
        signatures = (SignatureList){};
}

static inline void teardown(void) {
        signature_list_done(&signatures);
        tree_remove();
}

static inline Signature *add(SignatureKind kind) {
        signatures.items = reallocarray(signatures.items, signatures.n + 1, sizeof(Signature));
        ck_assert_ptr_nonnull(signatures.items);
        signatures.items[signatures.n] = (Signature){ .kind = kind };
        return &signatures.items[signatures.n++];
}

static inline void add_openpgp(const char *fixture) {
        Signature *signature = add(SIGNATURE_OPENPGP);

        read_fixture(fixture, &signature->data, &signature->size);
}

/* Verifies @name under the policy in the tree. Return: 0 or -errno. */
static inline int decide(const char *transport, const char *name, const char *digest, Fault *fault,
                char **ret_key, char **ret_rule) {
        TrustSubject subject = subject_of(transport, name, digest);
        autoverdict TrustVerdict verdict = {};
        autotrust TrustPolicy *policy = NULL;
        int r = trust_load(tree, &policy, fault);

        if (r >= 0)
                r = trust_verify(policy, &subject, &signatures, &verdict, fault);
        if (r >= 0 && ret_key)
                *ret_key = TAKE(verdict.key);
        if (r >= 0 && ret_rule)
                *ret_rule = TAKE(verdict.rule);
        return r;
}

static inline void accepted_by(const char *name, const char *key, const char *rule) {
        autofree char *is_key = NULL, *is_rule = NULL;
        Fault fault = {};

        ck_assert_msg(decide("docker", name, DIGEST, &fault, &is_key, &is_rule) == 0, "%s", fault.text);
        ck_assert_msg(strcmp(key ?: "", is_key ?: "") == 0, "key %s, not %s", is_key, key);
        ck_assert_msg(strstr(is_rule, rule) != NULL, "rule '%s' is not '%s'", is_rule, rule);
}

static inline void refused(const char *name, const char *why) {
        Fault fault = {};
        int r = decide("docker", name, DIGEST, &fault, NULL, NULL);

        ck_assert_msg(r == -EKEYREJECTED, "%s: %d %s", name, r, fault.text);
        ck_assert_msg(strstr(fault.text, why) != NULL, "'%s' is not in: %s", why, fault.text);
}

static inline void policy_with(const char *format, ...) __attribute__((format(printf, 1, 2)));
static inline void policy_with(const char *format, ...) {
        autofree char *requirement = NULL, *text = NULL;
        va_list ap;

        va_start(ap, format);
        ck_assert_int_gt(vasprintf(&requirement, format, ap), 0);
        va_end(ap);
        ck_assert_int_gt(asprintf(&text, "{\"default\":[{%s}]}", requirement), 0);
        tree_file("policy.json", text);
}
