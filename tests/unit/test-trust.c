/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>

#include "image/hash.h"
#include "image/trust/rule.h"
#include "lib/strv.h"
#include "tests/suite.h"
#include "tests/unit/trust-tree.h"

#define ACCEPT "[{\"type\":\"insecureAcceptAnything\"}]"
#define REJECT "[{\"type\":\"reject\"}]"

static SignatureList signatures;

static void setup(void) {
        tree_make();
        signatures = (SignatureList){};
}

static void teardown(void) {
        signature_list_done(&signatures);
        tree_remove();
}

static Signature *add(SignatureKind kind) {
        signatures.items = reallocarray(signatures.items, signatures.n + 1, sizeof(Signature));
        ck_assert_ptr_nonnull(signatures.items);
        signatures.items[signatures.n] = (Signature){ .kind = kind };
        return &signatures.items[signatures.n++];
}

static void add_openpgp(const char *fixture) {
        Signature *signature = add(SIGNATURE_OPENPGP);

        read_fixture(fixture, &signature->data, &signature->size);
}

static char *cosign_payload(const char *name, const char *digest) {
        char *text;

        ck_assert_int_gt(asprintf(&text,
                                         "{\"critical\":{\"identity\":{\"docker-reference\":\"%s\"},"
                                         "\"image\":{"
                                         "\"docker-manifest-digest\":\"sha256:%s\"},\"type\":\"cosign "
                                         "container image "
                                         "signature\"},\"optional\":null}",
                                         name, digest),
                        0);
        return text;
}

static Signature *add_cosign(EVP_PKEY *key, const char *name, const char *digest) {
        Signature *signature = add(SIGNATURE_COSIGN);

        signature->data = cosign_payload(name, digest);
        signature->size = strlen(signature->data);
        sign_bytes(key, signature->data, signature->size, &signature->signature);
        return signature;
}

/* Verifies @name under the policy in the tree. Return: 0 or -errno. */
static int decide(const char *transport, const char *name, const char *digest, Fault *fault, char **ret_key,
                char **ret_rule) {
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

static void accepted_by(const char *name, const char *key, const char *rule) {
        autofree char *is_key = NULL, *is_rule = NULL;
        Fault fault = {};

        ck_assert_msg(decide("docker", name, DIGEST, &fault, &is_key, &is_rule) == 0, "%s", fault.text);
        ck_assert_msg(strcmp(key ?: "", is_key ?: "") == 0, "key %s, not %s", is_key, key);
        ck_assert_msg(strstr(is_rule, rule) != NULL, "rule '%s' is not '%s'", is_rule, rule);
}

static void refused(const char *name, const char *why) {
        Fault fault = {};
        int r = decide("docker", name, DIGEST, &fault, NULL, NULL);

        ck_assert_msg(r == -EKEYREJECTED, "%s: %d %s", name, r, fault.text);
        ck_assert_msg(strstr(fault.text, why) != NULL, "'%s' is not in: %s", why, fault.text);
}

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

static size_t count_rings(void) {
        autoclosedir DIR *dir = opendir("/tmp");
        struct dirent *entry;
        size_t n = 0;

        ck_assert_ptr_nonnull(dir);
        while ((entry = readdir(dir)))
                n += strncmp(entry->d_name, "slipway-gpg-", 12) == 0;
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

/* --- keys of the policy, and public keys
 * ---------------------------------------------------------------------- */

static void policy_with(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void policy_with(const char *format, ...) {
        autofree char *requirement = NULL, *text = NULL;
        va_list ap;

        va_start(ap, format);
        ck_assert_int_gt(vasprintf(&requirement, format, ap), 0);
        va_end(ap);
        ck_assert_int_gt(asprintf(&text, "{\"default\":[{%s}]}", requirement), 0);
        tree_file("policy.json", text);
}

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

static char *fingerprint_of(EVP_PKEY *key) {
        autofree char *pem = public_pem(key);
        autopublickey PublicKey *public = NULL;

        ck_assert_int_eq(public_key_read(pem, strlen(pem), "key", &public, NULL), 0);
        return strdup(public_key_fingerprint(public));
}

START_TEST(every_kind_of_public_key_signs_like_cosign)
{
        EVP_PKEY *key = _i == 0   ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256")
                        : _i == 1 ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384")
                        : _i == 2 ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t) 2048)
                                  : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
        EVP_PKEY *stranger = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        autofree char *id = fingerprint_of(key);

        install_public_key(key, "prefix.d/docker.io/acme");
        add_cosign(stranger, "docker.io/acme/app", DIGEST);
        refused(NAME, "it is by another key");
        add_cosign(key, "docker.io/acme/app", DIGEST);
        accepted_by(NAME, id, "prefix.d/docker.io/acme");
        EVP_PKEY_free(stranger);
        EVP_PKEY_free(key);
}
END_TEST

START_TEST(a_signature_of_cosign_is_for_one_image)
{
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        autofree char *id = fingerprint_of(key);
        Signature *signature;

        install_public_key(key, "prefix.d/docker.io/acme");
        add_cosign(key, "docker.io/acme/other", DIGEST);
        refused(NAME, "it is for the name 'docker.io/acme/other'");
        add_cosign(key, "docker.io/acme/app", OTHER_DIGEST);
        refused(NAME, "it is about another image");
        add_cosign(key, "docker.io/acme/app:2", DIGEST);
        refused(NAME, "it is for the name 'docker.io/acme/app:2'");
        signature = add_cosign(key, "docker.io/acme/app", DIGEST);
        signature->data[signature->size - 2] ^= 1;
        refused(NAME, "what was signed has been changed");
        signature->data[signature->size - 2] ^= 1;
        signature->signature[0] = '!';
        refused(NAME, "it is not base64");
        signature_list_done(&signatures);
        add_cosign(key, NAME, DIGEST);
        accepted_by(NAME, id, "acme");
        EVP_PKEY_free(key);
}
END_TEST

START_TEST(a_policy_compares_the_name_as_it_says)
{
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        autofree char *pem = public_pem(key), *data = NULL, *id = fingerprint_of(key);

        ck_assert_int_eq(base64_encode(pem, strlen(pem), &data), 0);
        policy_with("\"type\":\"sigstoreSigned\",\"keyData\":\"%s\"", data);
        add_cosign(key, "docker.io/acme/app", DIGEST);
        refused(NAME, "it is for the name 'docker.io/acme/app'");
        policy_with("\"type\":\"sigstoreSigned\",\"keyData\":\"%s\",\"signedIdentity\":{\"type\":"
                    "\"matchRepository\"}",
                        data);
        accepted_by(NAME, id, "policy.json");
        EVP_PKEY_free(key);
}
END_TEST

/* Rekor's entry about a signature, and its own signature over that. */
static char *rekor_entry(EVP_PKEY *log, EVP_PKEY *key, const Signature *signature) {
        autofree char *pem = public_pem(key), *pem64 = NULL, *body = NULL, *body64 = NULL, *payload = NULL,
                      *set = NULL;
        Digest digest;
        char *bundle;

        ck_assert_int_eq(hash_bytes(signature->data, signature->size, &digest), 0);
        ck_assert_int_eq(base64_encode(pem, strlen(pem), &pem64), 0);
        ck_assert_int_gt(asprintf(&body,
                                         "{\"apiVersion\":\"0.0.1\",\"kind\":\"hashedrekord\",\"spec\":{"
                                         "\"data\":{"
                                         "\"hash\":{\"algorithm\":\"sha256\",\"value\":\"%s\"}},"
                                         "\"signature\":{"
                                         "\"content\":\"%s\",\"publicKey\":{\"content\":\"%s\"}}}}",
                                         digest.hex, signature->signature, pem64),
                        0);
        ck_assert_int_eq(base64_encode(body, strlen(body), &body64), 0);
        ck_assert_int_gt(asprintf(&payload,
                                         "{\"body\":\"%s\",\"integratedTime\":1700000000,\"logID\":\"c0d2\","
                                         "\"logIndex\":7}",
                                         body64),
                        0);
        sign_bytes(log, payload, strlen(payload), &set);
        /* In another order, with spaces: it is the canonical form that is signed. */
        ck_assert_int_gt(asprintf(&bundle,
                                         "{\"SignedEntryTimestamp\": \"%s\", \"Payload\": {\"logIndex\": 7, "
                                         "\"body\": "
                                         "\"%s\", \"logID\": \"c0d2\", \"integratedTime\": 1700000000}}",
                                         set, body64),
                        0);
        return bundle;
}

START_TEST(a_log_that_is_asked_for_has_recorded_the_signature)
{
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"),
                 *log = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        autofree char *pem = public_pem(key), *data = NULL, *log_pem = public_pem(log), *log_data = NULL,
                      *id = fingerprint_of(key);
        Signature *signature;

        ck_assert_int_eq(base64_encode(pem, strlen(pem), &data), 0);
        ck_assert_int_eq(base64_encode(log_pem, strlen(log_pem), &log_data), 0);
        policy_with("\"type\":\"sigstoreSigned\",\"keyData\":\"%s\",\"rekorPublicKeyData\":\"%s\"", data,
                        log_data);
        signature = add_cosign(key, NAME, DIGEST);
        refused(NAME, "no proof that it is in a transparency log");
        signature->bundle = rekor_entry(key, key, signature);
        refused(NAME, "by none of the log's keys");
        free(signature->bundle);
        signature->bundle = rekor_entry(log, log, signature);
        refused(NAME, "the log's entry is about another signature");
        free(signature->bundle);
        signature->bundle = rekor_entry(log, key, signature);
        accepted_by(NAME, id, "policy.json");
        EVP_PKEY_free(log);
        EVP_PKEY_free(key);
}
END_TEST

static void add_envelope(EVP_PKEY *key, const char *statement) {
        Signature *signature = add(SIGNATURE_BUNDLE);
        autofree char *payload = NULL, *text = NULL, *sig = NULL;

        ck_assert_int_eq(base64_encode(statement, strlen(statement), &payload), 0);
        ck_assert_int_gt(asprintf(&text, "DSSEv1 28 application/vnd.in-toto+json %zu %s", strlen(statement),
                                         statement),
                        0);
        sign_bytes(key, text, strlen(text), &sig);
        ck_assert_int_gt(asprintf(&signature->data,
                                         "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
                                         "\"verificationMaterial\":{\"publicKey\":{\"hint\":\"x\"}},"
                                         "\"dsseEnvelope\":{"
                                         "\"payload\":\"%s\",\"payloadType\":\"application/"
                                         "vnd.in-toto+json\","
                                         "\"signatures\":[{\"sig\":\"%s\"}]}}",
                                         payload, sig),
                        0);
        signature->size = strlen(signature->data);
}

#define STATEMENT(subject, predicate)                                           \
        "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{" subject \
        "}],\"predicateType\":\"" predicate "\",\"predicate\":{}}"
#define SUBJECT(digest) "\"digest\":{\"sha256\":\"" digest "\"}"
#define SIGN "https://sigstore.dev/cosign/sign/v1"

START_TEST(a_bundle_has_a_statement_about_the_image)
{
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"),
                 *stranger = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        autofree char *id = fingerprint_of(key), *pem = public_pem(key), *data = NULL;

        install_public_key(key, "prefix.d/docker.io/acme");
        add_envelope(stranger, STATEMENT(SUBJECT(DIGEST), SIGN));
        refused(NAME, "it is by another key");
        add_envelope(key, STATEMENT(SUBJECT(OTHER_DIGEST), SIGN));
        refused(NAME, "it is about another image");
        add_envelope(key, STATEMENT(SUBJECT(DIGEST), "https://spdx.dev/Document"));
        refused(NAME, "it states something about the image");
        add_envelope(key, STATEMENT("\"name\":\"docker.io/acme/other\"," SUBJECT(DIGEST), SIGN));
        refused(NAME, "it is for the name 'docker.io/acme/other'");
        add_envelope(key, STATEMENT(SUBJECT(DIGEST), SIGN));
        accepted_by(NAME, id, "prefix.d");

        /* A policy that compares names gets none. */
        ck_assert_int_eq(base64_encode(pem, strlen(pem), &data), 0);
        policy_with("\"type\":\"sigstoreSigned\",\"keyData\":\"%s\"", data);
        refused("quay.io/acme/app:1", "it names no image");
        EVP_PKEY_free(stranger);
        EVP_PKEY_free(key);
}
END_TEST

START_TEST(a_bundle_may_be_a_signature_of_the_digest)
{
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        static const char manifest[] = "{\"a\": \"manifest\"}";
        Signature *signature = add(SIGNATURE_BUNDLE);
        autofree char *sig = NULL, *digest64 = NULL, *id = fingerprint_of(key);
        unsigned char bytes[32];
        unsigned n;
        Digest digest;
        Fault fault = {};

        ck_assert_int_eq(EVP_Digest(manifest, strlen(manifest), bytes, &n, EVP_sha256(), NULL), 1);
        digest_from_bytes(bytes, &digest);
        ck_assert_int_eq(base64_encode(bytes, sizeof(bytes), &digest64), 0);
        sign_bytes(key, manifest, strlen(manifest), &sig);
        ck_assert_int_gt(asprintf(&signature->data,
                                         "{\"mediaType\":\"application/"
                                         "vnd.dev.sigstore.bundle+json;version=0.1\","
                                         "\"messageSignature\":{\"messageDigest\":{\"algorithm\":\"SHA2_"
                                         "256\",\"digest\":"
                                         "\"%s\"},\"signature\":\"%s\"}}",
                                         digest64, sig),
                        0);
        signature->size = strlen(signature->data);
        install_public_key(key, "prefix.d/docker.io/acme");
        refused(NAME, "it is about another image");
        ck_assert_msg(decide("docker", NAME, digest.hex, &fault, NULL, NULL) == 0, "%s", fault.text);
        EVP_PKEY_free(key);
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
        EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
        autofd int fd = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        Fault fault = {};

        ck_assert_int_eq(trust_read_verdict(fd, &again, &fault), -ENOENT);
        ck_assert_int_eq(trust_read_signatures(fd, &read, &fault), 0);
        ck_assert_uint_eq(read.n, 0);
        add_openpgp("good.sig");
        add_cosign(key, NAME, DIGEST)->bundle = strdup("{}");
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
        EVP_PKEY_free(key);
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
        tcase_add_loop_test(tcase, every_kind_of_public_key_signs_like_cosign, 0, 4);
        tcase_add_test(tcase, a_signature_of_cosign_is_for_one_image);
        tcase_add_test(tcase, a_policy_compares_the_name_as_it_says);
        tcase_add_test(tcase, a_log_that_is_asked_for_has_recorded_the_signature);
        tcase_add_test(tcase, a_bundle_has_a_statement_about_the_image);
        tcase_add_test(tcase, a_bundle_may_be_a_signature_of_the_digest);
        tcase_add_test(tcase, a_signature_of_the_manifest_behind_an_index_will_do);
        tcase_add_test(tcase, what_is_recorded_is_read_again);
        tcase_add_test(tcase, what_no_signature_could_change_is_not_asked_for);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
