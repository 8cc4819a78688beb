/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "image/trust/identity.h"
#include "image/trust/policy.h"
#include "lib/strv.h"
#include "tests/suite.h"

#define ACCEPT "[{\"type\":\"insecureAcceptAnything\"}]"
#define REJECT "[{\"type\":\"reject\"}]"
#define KEY "\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"/k\""
#define SIGSTORE "\"type\":\"sigstoreSigned\",\"keyPath\":\"/k\""

static int parse(const char *text, Policy *policy, Fault *fault) {
        return policy_parse(text, strlen(text), policy, fault);
}

static void accept(const char *text) {
        autopolicy Policy policy = {};
        Fault fault = {};

        ck_assert_msg(parse(text, &policy, &fault) == 0, "%s: %s", text, fault.text);
}

static void refuse(const char *text, const char *why) {
        autopolicy Policy policy = {};
        Fault fault = {};

        ck_assert_msg(parse(text, &policy, &fault) == -EINVAL, "%s is accepted", text);
        ck_assert_msg(strstr(fault.text, why) != NULL, "%s: %s", text, fault.text);
}

static void accept_requirement(const char *requirement) {
        autofree char *text = NULL;

        ck_assert_int_gt(asprintf(&text, "{\"default\":[{%s}]}", requirement), 0);
        accept(text);
}

static void refuse_requirement(const char *requirement, const char *why) {
        autofree char *text = NULL;

        ck_assert_int_gt(asprintf(&text, "{\"default\":[{%s}]}", requirement), 0);
        refuse(text, why);
}

START_TEST(a_policy_has_a_default_and_scopes_of_transports)
{
        autopolicy Policy policy = {};
        Fault fault = {};

        ck_assert_msg(parse("{\"default\":" REJECT ",\"transports\":{\"docker\":{\"\":" ACCEPT
                            ",\"example.com/ns\":[{" KEY "},{" SIGSTORE "}]},\"oci\":{\"\":" ACCEPT "}}}",
                                      &policy, &fault) == 0,
                        "%s", fault.text);
        ck_assert_int_eq(policy.fallback.items[0].kind, REQUIRE_REJECT);
        ck_assert_ptr_null(policy_transport(&policy, "dir"));
        ck_assert_ptr_nonnull(transport_scope(policy_transport(&policy, "oci"), ""));
        ck_assert_ptr_null(transport_scope(policy_transport(&policy, "docker"), "example.com"));
        ck_assert_uint_eq(transport_scope(policy_transport(&policy, "docker"), "example.com/ns")->n, 2);
}
END_TEST

START_TEST(what_is_not_known_or_twice_is_refused)
{
        refuse("[]", "not a JSON object");
        refuse("{}", "has no 'default'");
        refuse("{\"default\":[]}", "'default' is empty");
        refuse("{\"default\":{}}", "not a list");
        refuse("{\"default\":" ACCEPT ",\"defaults\":1}", "'defaults' is not known");
        refuse("{\"default\":" ACCEPT ",\"default\":" REJECT "}", "duplicate");
        refuse("{\"default\":" ACCEPT "} x", "end of file expected");
        refuse("{\"default\":" ACCEPT ",\"transports\":[]}", "'transports' is not an object");
        refuse("{\"default\":" ACCEPT ",\"transports\":{\"docker\":[]}}",
                        "'transports.docker' is not an object");
        refuse("{\"default\":" ACCEPT ",\"transports\":{\"docker\":{\"a.b/c\":[]}}}",
                        "'transports.docker.\"a.b/c\"' is empty");
        refuse("{\"default\":[1]}", "'default[0]' is not an object");
        refuse("{\"default\":[{}]}", "'default[0].type' is missing");
        refuse("{\"default\":[{\"type\":\"x\"}]}", "'default[0].type' is 'x'");
        refuse("{\"default\":[{\"type\":\"reject\",\"keyPath\":\"/k\"}]}",
                        "'default[0].keyPath' is not known");
        refuse("{\"default\":" ACCEPT ",\"transports\":{\"docker\":{\"\":[{\"type\":\"reject\"},{\"type\":"
               "\"Reject\"}]}}}",
                        "'transports.docker.\"\"[1].type' is 'Reject'");
}
END_TEST

START_TEST(keys_are_in_exactly_one_place)
{
        accept_requirement("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPaths\":[\"/a\",\"/b\"]");
        accept_requirement("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyData\":\"YWJj\"");
        accept_requirement("\"type\":\"sigstoreSigned\",\"keyDatas\":[\"YWJj\",\"YWI=\"]");
        accept_requirement(SIGSTORE ",\"rekorPublicKeyPath\":\"/r\"");
        refuse_requirement("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\"", "exactly one of keyPath");
        refuse_requirement(KEY ",\"keyData\":\"YWJj\"", "exactly one of keyPath");
        refuse_requirement("\"type\":\"signedBy\",\"keyPath\":\"/k\"", "keyType' is missing");
        refuse_requirement("\"type\":\"signedBy\",\"keyType\":\"GPG\",\"keyPath\":\"/k\"",
                        "'GPG', not GPGKeys");
        refuse_requirement("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"k\"",
                        "no absolute path");
        refuse_requirement("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":7", "not a string");
        refuse_requirement("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPaths\":[]", "empty list");
        refuse_requirement("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPaths\":[1]", "keyPaths[0]'");
        refuse_requirement(
                        "\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyData\":\"YWJ\"", "not base64");
        refuse_requirement("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyDatas\":[\"YWJj\"]",
                        "not known");
        refuse_requirement(SIGSTORE ",\"fulcio\":{}", "exactly one of keyPath");
        refuse_requirement("\"type\":\"sigstoreSigned\",\"fulcio\":{}", "needs a key of Rekor");
        refuse_requirement(SIGSTORE ",\"rekorPublicKeyPath\":\"/r\",\"rekorPublicKeyData\":\"YWJj\"",
                        "more than one place");
}
END_TEST

START_TEST(what_cannot_be_honoured_is_never_fulfilled)
{
        static const char *const texts[] = {
                "\"type\":\"signedBy\",\"keyType\":\"X509Certificates\",\"keyPath\":\"/k\"",
                "\"type\":\"sigstoreSigned\",\"fulcio\":{},\"rekorPublicKeyPath\":\"/r\"",
                "\"type\":\"sigstoreSigned\",\"pki\":{}",
                "\"type\":\"signedBaseLayer\",\"baseLayerIdentity\":{}",
        };

        for (size_t i = 0; i < ELEMENTS(texts); i++) {
                autopolicy Policy policy = {};
                autofree char *text = NULL;
                Fault fault = {};

                ck_assert_int_gt(asprintf(&text, "{\"default\":[{%s}]}", texts[i]), 0);
                ck_assert_msg(parse(text, &policy, &fault) == 0, "%s", fault.text);
                ck_assert_int_eq(policy.fallback.items[0].kind, REQUIRE_IMPOSSIBLE);
                ck_assert_ptr_nonnull(policy.fallback.items[0].why);
        }
}
END_TEST

START_TEST(an_identity_has_what_its_type_wants)
{
        accept_requirement(KEY ",\"signedIdentity\":{\"type\":\"matchExact\"}");
        accept_requirement(KEY
                        ",\"signedIdentity\":{\"type\":\"exactReference\",\"dockerReference\":\"a.b/c:1\"}");
        accept_requirement(KEY ",\"signedIdentity\":{\"type\":\"remapIdentity\",\"prefix\":\"a.b\","
                               "\"signedPrefix\":"
                               "\"c.d/e\"}");
        refuse_requirement(KEY ",\"signedIdentity\":{\"type\":\"any\"}", "signedIdentity' has no type");
        refuse_requirement(KEY ",\"signedIdentity\":{}", "signedIdentity' has no type");
        refuse_requirement(KEY ",\"signedIdentity\":null", "signedIdentity' has no type");
        refuse_requirement(
                        KEY ",\"signedIdentity\":{\"type\":\"matchExact\",\"prefix\":\"a.b\"}", "not known");
        refuse_requirement(KEY ",\"signedIdentity\":{\"type\":\"exactReference\"}",
                        "dockerReference' is missing");
        refuse_requirement(KEY
                        ",\"signedIdentity\":{\"type\":\"exactReference\",\"dockerReference\":\"a.b/c\"}",
                        "with a tag or digest");
        refuse_requirement(KEY ",\"signedIdentity\":{\"type\":\"exactRepository\",\"dockerRepository\":\"a."
                               "b/c:1\"}",
                        "without tag or digest");
        refuse_requirement(KEY
                        ",\"signedIdentity\":{\"type\":\"remapIdentity\",\"prefix\":\"a\",\"signedPrefix\":"
                        "\"c.d/e\"}",
                        "not a host and directories");
}
END_TEST

START_TEST(a_name_is_in_scopes_from_the_narrowest_to_the_widest)
{
        static const struct {
                const char *name, *scopes;
        } rows[] = {
                { "docker.io/library/nginx:1", "docker.io/library/nginx:1 docker.io/library/nginx "
                                               "docker.io/library docker.io *.io" },
                { "a.b.example.com:5000/x:2",
                                "a.b.example.com:5000/x:2 a.b.example.com:5000/x a.b.example.com:5000 "
                                "*.b.example.com *.example.com *.com" },
                { "localhost:5000/app:1", "localhost:5000/app:1 localhost:5000/app localhost:5000" },
                { "h.d/x@sha256:00", "h.d/x@sha256:00 h.d/x h.d *.d" },
        };

        for (size_t i = 0; i < ELEMENTS(rows); i++) {
                autostrv char **list = NULL;
                autofree char *text = NULL;

                ck_assert_int_eq(scope_candidates(rows[i].name, &list), 0);
                text = strv_join(list, " ");
                ck_assert_str_eq(text, rows[i].scopes);
        }
}
END_TEST

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define BY_DIGEST "docker.io/acme/app@sha256:" HEX

/* clang-format off */
static const struct {
        Identity identity;
        const char *name, *is;
        bool matches;
} identities[] = {
        { { IDENTITY_REPO_DIGEST_OR_EXACT }, "docker.io/acme/app:1", "docker.io/acme/app:1", true },
        { { IDENTITY_REPO_DIGEST_OR_EXACT }, "docker.io/acme/app:1", "acme/app:1", true },
        { { IDENTITY_REPO_DIGEST_OR_EXACT }, "docker.io/acme/app:1", "docker.io/acme/app:2", false },
        { { IDENTITY_REPO_DIGEST_OR_EXACT }, "docker.io/acme/app:latest", "docker.io/acme/app", false },
        { { IDENTITY_REPO_DIGEST_OR_EXACT }, "docker.io/acme/app:1", "docker.io/acme/other:1", false },
        { { IDENTITY_REPO_DIGEST_OR_EXACT }, BY_DIGEST, "docker.io/acme/app:2", true },
        { { IDENTITY_REPO_DIGEST_OR_EXACT }, BY_DIGEST, "docker.io/acme/app", true },
        { { IDENTITY_REPO_DIGEST_OR_EXACT }, BY_DIGEST, "docker.io/acme/other", false },
        { { IDENTITY_REPO_DIGEST_OR_EXACT }, "docker.io/acme/app:1", "docker://docker.io/acme/app:1", false },
        { { IDENTITY_REPO_DIGEST_OR_EXACT }, "docker.io/acme/app:1", "", false },
        { { IDENTITY_REPO_DIGEST_OR_EXACT }, NULL, "docker.io/acme/app:1", false },
        { { IDENTITY_EXACT }, "docker.io/acme/app:1", "docker.io/acme/app:1", true },
        { { IDENTITY_EXACT }, BY_DIGEST, BY_DIGEST, true },
        { { IDENTITY_EXACT }, BY_DIGEST, "docker.io/acme/app:1", false },
        { { IDENTITY_REPOSITORY }, "docker.io/acme/app:1", "docker.io/acme/app", true },
        { { IDENTITY_REPOSITORY }, "docker.io/acme/app:1", "docker.io/acme/app:2", true },
        { { IDENTITY_REPOSITORY }, "docker.io/acme/app:1", "docker.io/acme/apps", false },
        { { IDENTITY_EXACT_REFERENCE, (char *) "a.b/c:1" }, "docker.io/acme/app:1", "a.b/c:1", true },
        { { IDENTITY_EXACT_REFERENCE, (char *) "a.b/c:1" }, NULL, "a.b/c:1", true },
        { { IDENTITY_EXACT_REFERENCE, (char *) "a.b/c:1" }, "a.b/c:2", "a.b/c:2", false },
        { { IDENTITY_EXACT_REPOSITORY, (char *) "a.b/c" }, "docker.io/acme/app:1", "a.b/c:9", true },
        { { IDENTITY_EXACT_REPOSITORY, (char *) "a.b/c" }, "docker.io/acme/app:1", "docker.io/acme/app:1", false },
        { { IDENTITY_REMAP, NULL, (char *) "m.local/mirror", (char *) "docker.io" }, "m.local/mirror/acme/app:1", "docker.io/acme/app:1", true },
        { { IDENTITY_REMAP, NULL, (char *) "m.local/mirror", (char *) "docker.io" }, "m.local/mirror/acme/app:1", "m.local/mirror/acme/app:1", false },
        { { IDENTITY_REMAP, NULL, (char *) "m.local/mirror", (char *) "docker.io" }, "m.local/mirrors/app:1", "m.local/mirrors/app:1", true },
        { { IDENTITY_REMAP, NULL, (char *) "m.local/mirror", (char *) "docker.io" }, "m.local/mirrors/app:1", "docker.io/app:1", false },
        { { IDENTITY_ATTACHED }, "docker.io/acme/app:1", "docker.io/acme/app", true },
        { { IDENTITY_ATTACHED }, "docker.io/acme/app:1", "docker.io/acme/app:2", false },
        { { IDENTITY_ATTACHED }, "docker.io/acme/app:1", "docker.io/acme/app:1", true },
};
/* clang-format on */

START_TEST(what_was_signed_is_compared_with_the_name)
{
        bool matches = identity_matches(&identities[_i].identity, identities[_i].name, identities[_i].is);

        ck_assert_msg(matches == identities[_i].matches, "%s and %s", identities[_i].name,
                        identities[_i].is);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("trust-policy");
        TCase *tcase = tcase_create("all");

        tcase_add_test(tcase, a_policy_has_a_default_and_scopes_of_transports);
        tcase_add_test(tcase, what_is_not_known_or_twice_is_refused);
        tcase_add_test(tcase, keys_are_in_exactly_one_place);
        tcase_add_test(tcase, what_cannot_be_honoured_is_never_fulfilled);
        tcase_add_test(tcase, an_identity_has_what_its_type_wants);
        tcase_add_test(tcase, a_name_is_in_scopes_from_the_narrowest_to_the_widest);
        tcase_add_loop_test(tcase, what_was_signed_is_compared_with_the_name, 0, ELEMENTS(identities));
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
