/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/trust/rule.h"
#include "tests/suite.h"
#include "tests/unit/trust-case.h"

static void refused_with(const char *fixture, const char *why) {
        signature_list_done(&signatures);
        add_openpgp(fixture);
        refused(NAME, why);
}

START_TEST(what_nobody_asks_for_is_accepted)
{
        accepted_by(NAME, NULL, "built-in policy (default)");
        tree_file("policy.json", "{\"default\":" REJECT "}");
        refused(NAME, "policy.json (default) rejects it");
}
END_TEST

START_TEST(a_prefix_that_has_keys_wants_a_signature)
{
        install_key("signer.asc", "prefix.d/docker.io/acme", SIGNER);
        accepted_by("docker.io/acmeother/app:1", NULL, "default");
        accepted_by("docker.io/library/nginx:1", NULL, "default");
        refused(NAME, "prefix.d/docker.io/acme wants a signature by the key " SIGNER
                      ", and there is none; see "
                      "slipway-trust(1)");
        add_openpgp("good.sig");
        accepted_by(NAME, SIGNER, "prefix.d/docker.io/acme");
}
END_TEST

/* Only ours: other tests run at the same time. */
static size_t count_rings(void) {
        autoclosedir DIR *dir = opendir("/tmp");
        struct dirent *entry;
        char own[40];
        size_t n = 0;

        ck_assert_ptr_nonnull(dir);
        (void) snprintf(own, sizeof(own), "slipway-gpg-%d-", (int) getpid());
        while ((entry = readdir(dir)))
                n += strncmp(entry->d_name, own, strlen(own)) == 0;
        return n;
}

START_TEST(nothing_is_left_in_the_directory_for_temporary_files)
{
        size_t n = count_rings();

        install_key("signer.asc", "prefix.d/docker.io/acme", SIGNER);
        add_openpgp("good.sig");
        accepted_by(NAME, SIGNER, "acme");
        ck_assert_uint_eq(count_rings(), n);
}
END_TEST

START_TEST(a_signature_that_is_not_about_this_image_is_no_good)
{
        install_key("signer.asc", "prefix.d/docker.io/acme", SIGNER);
        refused_with("other.sig", "what there is is not good: it is by another key");
        refused_with("digest.sig", "it is about another image, sha256:" OTHER_DIGEST);
        refused_with("repository.sig", "it is for the name 'docker.io/acme/other:1'");
        refused_with("tag.sig", "it is for the name 'docker.io/acme/app:2'");
        refused_with("unknown.sig", "'critical' lacks something, or has what is not known");
        refused_with("two.sig", "not good");
        refused_with("detached.sig", "not good");
        refused_with("cleartext.sig", "no signed message of OpenPGP");
        refused_with("armoured.sig", "no signed message of OpenPGP");
        refused_with("large.sig", "not good");
        refused_with("sha1.sig", "not good");
        refused_with("expired-signature.sig", "the signature has expired");
        refused_with("signer.asc", "no signed message of OpenPGP");
}
END_TEST

START_TEST(two_signatures_in_one_message_are_refused_when_both_keys_are_known)
{
        install_key("signer.asc", "prefix.d/docker.io/acme", SIGNER);
        install_key("other.asc", "prefix.d/docker.io/acme", OTHER);
        refused_with("two.sig", "more than one signature");
}
END_TEST

START_TEST(a_key_that_has_expired_signs_nothing)
{
        install_key("expired.asc", "prefix.d/docker.io", EXPIRED);
        refused_with("expired.sig", "the key has expired");
}
END_TEST

START_TEST(no_byte_of_what_was_signed_can_be_changed)
{
        size_t size, begin;

        install_key("signer.asc", "prefix.d/docker.io/acme", SIGNER);
        add_openpgp("good.sig");
        size = signatures.items[0].size;
        begin = (size_t) ((char *) memmem(signatures.items[0].data, size, "{\"critical", 10) -
                          signatures.items[0].data);
        for (size_t i = begin; i < size; i += 13) {
                signatures.items[0].data[i] = (char) (signatures.items[0].data[i] ^ 1);
                refused(NAME, "is not trusted");
                signatures.items[0].data[i] = (char) (signatures.items[0].data[i] ^ 1);
        }
        accepted_by(NAME, SIGNER, "acme");
}
END_TEST

START_TEST(one_good_signature_among_bad_ones_is_enough)
{
        install_key("signer.asc", "prefix.d/docker.io/acme", SIGNER);
        add_openpgp("other.sig");
        add_openpgp("tag.sig");
        refused(NAME, "none of those there are is not good");
        add_openpgp("good.sig");
        accepted_by(NAME, SIGNER, "acme");
}
END_TEST

START_TEST(keys_of_what_leads_to_a_prefix_will_do_too)
{
        install_key("other.asc", "prefix.d/docker.io/acme/app", OTHER);
        install_key("signer.asc", "prefix.d/docker.io", SIGNER);
        add_openpgp("good.sig");
        accepted_by(NAME, SIGNER, "prefix.d/docker.io/acme/app");
        tree_file("prefix.d/docker.io/" SIGNER, "");
        refused(NAME, "wants a signature by the key " OTHER);
        install_key("signer.asc", "root.d", SIGNER);
        accepted_by(NAME, SIGNER, "prefix.d/docker.io/acme/app");
        refused("quay.io/other:1", "root.d wants a signature by the key " SIGNER);
}
END_TEST

START_TEST(the_most_specific_of_scopes_and_prefixes_decides)
{
        install_key("signer.asc", "prefix.d/docker.io/acme", SIGNER);
        tree_file("policy.json",
                        "{\"default\":" REJECT ",\"transports\":{\"docker\":{\"docker.io/acme/free\":" ACCEPT
                        ",\"docker.io/library\":" ACCEPT "}}}");
        refused("quay.io/x:1", "(default) rejects it");
        accepted_by("docker.io/library/nginx:1", NULL, "scope 'docker.io/library'");
        accepted_by("docker.io/acme/free:1", NULL, "scope 'docker.io/acme/free'");
        add_openpgp("good.sig");
        accepted_by(NAME, SIGNER, "prefix.d/docker.io/acme");
        tree_file("policy.json", "{\"default\":" ACCEPT
                                 ",\"transports\":{\"docker\":{\"docker.io/acme\":" REJECT "}}}");
        refused(NAME, "rejects it");
        tree_file("policy.json", "{\"default\":" ACCEPT
                                 ",\"transports\":{\"docker\":{\"docker.io/acme\":" ACCEPT "}}}");
        accepted_by(NAME, SIGNER, " and ");
        signature_list_done(&signatures);
        refused(NAME, "and there is none");
}
END_TEST

START_TEST(root_keys_are_for_what_nothing_else_speaks_of)
{
        install_key("signer.asc", "root.d", SIGNER);
        tree_file("policy.json", "{\"default\":" ACCEPT
                                 ",\"transports\":{\"docker\":{\"docker.io/library\":" ACCEPT "}}}");
        accepted_by("docker.io/library/nginx:1", NULL, "library");
        refused(NAME, "root.d wants a signature");
        refused(NULL, "the image is not trusted");
}
END_TEST

START_TEST(a_masked_key_is_none_and_its_prefix_still_wants_one)
{
        install_key("signer.asc", "vendor/prefix.d/docker.io/acme", SIGNER);
        add_openpgp("good.sig");
        accepted_by(NAME, SIGNER, "vendor/prefix.d/docker.io/acme");
        tree_file("prefix.d/docker.io/acme/" SIGNER, "");
        refused(NAME, "has no key that is not masked");
        ck_assert_int_eq(unlink(tree_path("prefix.d/docker.io/acme/" SIGNER)), 0);
        tree_link("prefix.d/docker.io/acme/" SIGNER, "/dev/null");
        refused(NAME, "has no key that is not masked");
        ck_assert_int_eq(unlink(tree_path("prefix.d/docker.io/acme/" SIGNER)), 0);
        ck_assert_int_eq(rmdir(tree_path("prefix.d/docker.io/acme")), 0);
        tree_link("prefix.d/docker.io/acme", "/dev/null");
        accepted_by(NAME, NULL, "default");
}
END_TEST

static void is_wrong(const char *why) {
        Fault fault = {};
        int r = decide("docker", NAME, DIGEST, &fault, NULL, NULL);

        ck_assert_msg(r < 0 && r != -EKEYREJECTED, "%d %s", r, fault.text);
        ck_assert_msg(strstr(fault.text, why) != NULL, "'%s' is not in: %s", why, fault.text);
}

START_TEST(a_key_with_the_name_of_another_is_an_error)
{
        add_openpgp("good.sig");
        install_key("signer.asc", "prefix.d/docker.io/acme", OTHER);
        is_wrong("has another key than it is named by: " SIGNER);
}
END_TEST

START_TEST(what_is_no_key_is_an_error)
{
        static const struct {
                const char *file, *why;
        } rows[] = {
                { "prefix.d/docker.io/acme/README", "is not named by the fingerprint" },
                { "prefix.d/docker.io/acme/0123", "is not named by the fingerprint" },
                { "prefix.d/docker.io/acme/" SIGNER "/x", "is not named by the fingerprint" },
                { "prefix.d/acme/" SIGNER, "no image's whole name begins with 'acme'" },
                { "prefix.d/docker.io/acme/app:1/" SIGNER, "a tag has no place" },
                { "prefix.d/docker.io/Acme/" SIGNER, "no image's whole name" },
                { "prefix.d/" SIGNER, "is a key for no prefix" },
                { "root.d/docker.io/" SIGNER, "is a directory" },
        };

        tree_file(rows[_i].file, "x");
        is_wrong(rows[_i].why);
}
END_TEST

START_TEST(a_file_that_holds_no_key_is_an_error)
{
        tree_file("prefix.d/docker.io/acme/" SIGNER, "nothing of the kind");
        is_wrong("is no public key of OpenPGP");
}
END_TEST

START_TEST(a_broken_policy_accepts_nothing)
{
        tree_file("policy.json", "{\"default\":" ACCEPT ",\"transport\":{}}");
        is_wrong("'transport' is not known");
        tree_file("policy.json", "{");
        is_wrong("not valid JSON");
}
END_TEST

START_TEST(an_import_is_decided_by_its_name)
{
        Fault fault = {};

        install_key("signer.asc", "prefix.d/docker.io/acme", SIGNER);
        ck_assert_int_eq(decide("oci-archive", "docker.io/library/x:1", NULL, &fault, NULL, NULL), 0);
        ck_assert_int_eq(decide("oci-archive", NAME, NULL, &fault, NULL, NULL), -EKEYREJECTED);
        ck_assert_ptr_nonnull(strstr(
                        fault.text, "\"oci-archive\": {\"\": [{\"type\": \"insecureAcceptAnything\"}]}"));
        tree_file("policy.json",
                        "{\"default\":" REJECT ",\"transports\":{\"oci-archive\":{\"\":" ACCEPT "}}}");
        fault = (Fault){};
        ck_assert_msg(decide("oci-archive", NAME, NULL, &fault, NULL, NULL) == 0, "%s", fault.text);
        ck_assert_int_eq(decide("dir", NAME, NULL, &fault, NULL, NULL), -EKEYREJECTED);
        tree_file("policy.json", "{\"default\":" ACCEPT ",\"transports\":{\"oci\":{\"\":" ACCEPT
                                 ",\"/bad\":" REJECT "}}}");
        fault = (Fault){};
        ck_assert_int_eq(decide("oci", "x.y/z:1", NULL, &fault, NULL, NULL), -EKEYREJECTED);
        ck_assert_ptr_nonnull(strstr(fault.text, "the path is not known"));
}
END_TEST

/* --- keys of the policy, and public keys --- */

START_TEST(a_policy_names_files_of_keys)
{
        install_key("signer.asc", "keys", "signer.asc");
        install_key("other.asc", "keys", "other.asc");
        policy_with("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPaths\":[\"%s/keys/other.asc\",\"%s/"
                    "keys/"
                    "signer.asc\"]",
                        tree, tree);
        add_openpgp("good.sig");
        accepted_by(NAME, SIGNER, "policy.json (default)");
        policy_with("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"%s/keys/other.asc\"", tree);
        refused(NAME, "by the key " OTHER ", and what there is is not good: it is by another key");
        policy_with("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"%s/keys/none.asc\"", tree);
        is_wrong("cannot read the key");
        policy_with("\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"%s/keys/"
                    "signer.asc\",\"signedIdentity\":{\"type\":\"exactRepository\",\"dockerRepository\":"
                    "\"acme/app\"}",
                        tree);
        accepted_by("docker.io/other/thing:7", SIGNER, "policy.json (default)");
}
END_TEST

START_TEST(a_signature_of_the_manifest_behind_an_index_will_do)
{
        TrustSubject subject = subject_of("docker", NAME, OTHER_DIGEST);
        autoverdict TrustVerdict verdict = {};
        autotrust TrustPolicy *policy = NULL;
        Fault fault = {};

        install_key("signer.asc", "root.d", SIGNER);
        add_openpgp("good.sig");
        ck_assert_int_eq(trust_load(tree, &policy, &fault), 0);
        ck_assert_int_eq(trust_verify(policy, &subject, &signatures, &verdict, &fault), -EKEYREJECTED);
        ck_assert_int_eq(digest_from_hex(DIGEST, &subject.manifest), 0);
        fault = (Fault){};
        ck_assert_msg(trust_verify(policy, &subject, &signatures, &verdict, &fault) == 0, "%s", fault.text);
        ck_assert_str_eq(verdict.digest.hex, DIGEST);
}
END_TEST

START_TEST(what_is_recorded_is_read_again)
{
        AUTO(signature_list_done) SignatureList read = {};
        autoverdict TrustVerdict verdict = { .rule = strdup("here"), .key = strdup(SIGNER) }, again = {};
        Signature *more;
        autofd int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        Fault fault = {};

        ck_assert_int_eq(trust_read_verdict(fd, &again, &fault), -ENOENT);
        ck_assert_int_eq(trust_read_signatures(fd, &read, &fault), 0);
        ck_assert_uint_eq(read.n, 0);
        add_openpgp("good.sig");
        more = add(SIGNATURE_COSIGN);
        more->data = strdup("payload");
        more->size = strlen(more->data);
        more->signature = strdup("c2ln");
        more->bundle = strdup("{}");
        memset(verdict.policy, 'a', 64);
        ck_assert_int_eq(digest_from_hex(DIGEST, &verdict.digest), 0);
        ck_assert_int_eq(trust_record(fd, &signatures, &verdict, &fault), 0);

        ck_assert_int_eq(trust_read_signatures(fd, &read, &fault), 0);
        ck_assert_uint_eq(read.n, 2);
        for (size_t i = 0; i < 2; i++) {
                ck_assert_int_eq(read.items[i].kind, signatures.items[i].kind);
                ck_assert_uint_eq(read.items[i].size, signatures.items[i].size);
                ck_assert_mem_eq(read.items[i].data, signatures.items[i].data, read.items[i].size);
        }
        ck_assert_str_eq(read.items[1].signature, signatures.items[1].signature);
        ck_assert_str_eq(read.items[1].bundle, "{}");
        ck_assert_int_eq(trust_read_verdict(fd, &again, &fault), 0);
        ck_assert_str_eq(again.rule, "here");
        ck_assert_str_eq(again.key, SIGNER);
        ck_assert_str_eq(again.policy, verdict.policy);
        ck_assert_str_eq(again.digest.hex, DIGEST);
        tree_file("verdict.json", "{\"policy\":\"x\"}");
        ck_assert_int_eq(trust_read_verdict(fd, &again, &fault), -EINVAL);
        tree_file("signatures.json", "[{}]");
        fault = (Fault){};
        ck_assert_int_eq(trust_read_signatures(fd, &read, &fault), -EINVAL);
}
END_TEST

START_TEST(what_no_signature_could_change_is_not_asked_for)
{
        TrustSubject subject = subject_of("docker", NAME, DIGEST);
        autotrust TrustPolicy *policy = NULL;
        autorule Rule rule = {};

        install_key("signer.asc", "prefix.d/docker.io", SIGNER);
        tree_file("policy.json", "{\"default\":" ACCEPT
                                 ",\"transports\":{\"docker\":{\"docker.io/acme\":" ACCEPT "}}}");
        ck_assert_int_eq(trust_load(tree, &policy, NULL), 0);
        ck_assert_int_eq(rule_find(policy, &subject, &rule), 0);
        ck_assert(!rule_wants_openpgp(&rule) && !rule_wants_sigstore(&rule));
        rule_done(&rule);
        subject.name = "docker.io/other/app:1";
        ck_assert_int_eq(rule_find(policy, &subject, &rule), 0);
        ck_assert(rule_wants_openpgp(&rule) && !rule_wants_sigstore(&rule));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("trust");
        TCase *tcase = tcase_create("all");

        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_set_timeout(tcase, 60);
        tcase_add_test(tcase, what_nobody_asks_for_is_accepted);
        tcase_add_test(tcase, a_prefix_that_has_keys_wants_a_signature);
        tcase_add_test(tcase, nothing_is_left_in_the_directory_for_temporary_files);
        tcase_add_test(tcase, a_signature_that_is_not_about_this_image_is_no_good);
        tcase_add_test(tcase, two_signatures_in_one_message_are_refused_when_both_keys_are_known);
        tcase_add_test(tcase, a_key_that_has_expired_signs_nothing);
        tcase_add_test(tcase, no_byte_of_what_was_signed_can_be_changed);
        tcase_add_test(tcase, one_good_signature_among_bad_ones_is_enough);
        tcase_add_test(tcase, keys_of_what_leads_to_a_prefix_will_do_too);
        tcase_add_test(tcase, the_most_specific_of_scopes_and_prefixes_decides);
        tcase_add_test(tcase, root_keys_are_for_what_nothing_else_speaks_of);
        tcase_add_test(tcase, a_masked_key_is_none_and_its_prefix_still_wants_one);
        tcase_add_test(tcase, a_key_with_the_name_of_another_is_an_error);
        tcase_add_loop_test(tcase, what_is_no_key_is_an_error, 0, 8);
        tcase_add_test(tcase, a_file_that_holds_no_key_is_an_error);
        tcase_add_test(tcase, a_broken_policy_accepts_nothing);
        tcase_add_test(tcase, an_import_is_decided_by_its_name);
        tcase_add_test(tcase, a_policy_names_files_of_keys);
        tcase_add_test(tcase, a_signature_of_the_manifest_behind_an_index_will_do);
        tcase_add_test(tcase, what_is_recorded_is_read_again);
        tcase_add_test(tcase, what_no_signature_could_change_is_not_asked_for);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
