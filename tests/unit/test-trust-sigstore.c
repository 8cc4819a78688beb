/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/hash.h"
#include "tests/suite.h"
#include "tests/unit/trust-case.h"

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
        autofree char *sig = NULL, *digest64 = NULL;
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

int main(void) {
        Suite *suite = suite_create("trust-sigstore");
        TCase *tcase = tcase_create("all");

        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_set_timeout(tcase, 60);
        tcase_add_loop_test(tcase, every_kind_of_public_key_signs_like_cosign, 0, 4);
        tcase_add_test(tcase, a_signature_of_cosign_is_for_one_image);
        tcase_add_test(tcase, a_policy_compares_the_name_as_it_says);
        tcase_add_test(tcase, a_log_that_is_asked_for_has_recorded_the_signature);
        tcase_add_test(tcase, a_bundle_has_a_statement_about_the_image);
        tcase_add_test(tcase, a_bundle_may_be_a_signature_of_the_digest);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
