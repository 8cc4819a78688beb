/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Bundles of sigstore, 0.1 to 0.3: one JSON document with the signature and all that belongs to it
 *
 * Either a digest was signed ("messageSignature"), or a statement of in-toto in an envelope
 * ("dsseEnvelope"), as cosign 3 does it. Neither has to say the name of an image.
 */

#include <string.h>

#include "image/doc.h"
#include "image/hash.h"
#include "image/trust/base64.h"
#include "image/trust/evidence.h"

#define IN_TOTO "application/vnd.in-toto+json"
#define COSIGN_SIGN "https://sigstore.dev/cosign/sign/v1"
#define SUBJECTS_LIMIT 128

static int malformed(Fault *fault, const char *what) {
        return fault_raise(fault, FAULT_SYNTAX, EINVAL, "%s", what);
}

static int reject(Fault *fault, const char *why) {
        return fault_raise(fault, FAULT_INTEGRITY, EKEYREJECTED, "%s", why);
}

bool bundle_is_media_type(const char *media_type) {
        static const char *const known[] = {
                "application/vnd.dev.sigstore.bundle.v0.3+json",
                "application/vnd.dev.sigstore.bundle+json;version=0.3",
                "application/vnd.dev.sigstore.bundle+json;version=0.2",
                "application/vnd.dev.sigstore.bundle+json;version=0.1",
        };

        for (size_t i = 0; media_type && i < ELEMENTS(known); i++)
                if (strcmp(known[i], media_type) == 0)
                        return true;
        return false;
}

static int read_base64(const json_t *object, const char *key, char **ret, size_t *ret_size, Fault *fault) {
        const char *text = json_string_value(json_object_get(object, key));
        int r = text && *text ? base64_decode(text, ret, ret_size) : -EINVAL;

        if (r == -EINVAL)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "'%s' is missing, or not base64", key);
        return r;
}

static int read_message(const json_t *message, Bundle *bundle, Fault *fault) {
        const json_t *digest = json_object_get(message, "messageDigest");
        const char *algorithm = json_string_value(json_object_get(digest, "algorithm"));
        autofree char *bytes = NULL;
        size_t size = 0;
        int r;

        r = read_base64(message, "signature", &bundle->signature, &bundle->signature_size, fault);
        if (r < 0)
                return r;
        if (!algorithm || strcmp(algorithm, "SHA2_256") != 0)
                return malformed(fault, "the digest that was signed is not one of SHA-256");
        r = read_base64(digest, "digest", &bytes, &size, fault);
        if (r < 0)
                return r;
        if (size != DIGEST_BYTES)
                return malformed(fault, "the digest that was signed has not 32 bytes");
        digest_from_bytes((const unsigned char *) bytes, &bundle->digest);
        return 0;
}

static int read_envelope(const json_t *envelope, Bundle *bundle, Fault *fault) {
        const json_t *signatures = json_object_get(envelope, "signatures");
        const char *type = json_string_value(json_object_get(envelope, "payloadType"));
        int r;

        if (!type || strcmp(type, IN_TOTO) != 0)
                return malformed(fault, "what is in the envelope is no statement of in-toto");
        if (json_array_size(signatures) != 1)
                return malformed(fault, "the envelope has not exactly one signature");
        bundle->payload_type = strdup(type);
        if (!bundle->payload_type)
                return -ENOMEM;
        r = read_base64(envelope, "payload", &bundle->payload, &bundle->payload_size, fault);
        return r < 0 ? r
                     : read_base64(json_array_get(signatures, 0), "sig", &bundle->signature,
                                       &bundle->signature_size, fault);
}

int bundle_parse(const char *text, size_t size, Bundle *ret, Fault *fault) {
        AUTO(bundle_done) Bundle bundle = {};
        autojson json_t *document = NULL;
        const json_t *message, *envelope;
        int r;

        if (size > BUNDLE_LIMIT)
                return fault_raise(fault, FAULT_VALUE, EFBIG, "the bundle is larger than %u KiB",
                                BUNDLE_LIMIT >> 10);
        r = doc_parse(text, size, "the bundle", &document, fault);
        if (r < 0)
                return r;
        if (!bundle_is_media_type(json_string_value(json_object_get(document, "mediaType"))))
                return malformed(fault, "it is no bundle of a version that is known");
        message = json_object_get(document, "messageSignature");
        envelope = json_object_get(document, "dsseEnvelope");
        if (!message == !envelope)
                return malformed(fault,
                                "the bundle has not exactly one of messageSignature and dsseEnvelope");
        r = message ? read_message(message, &bundle, fault) : read_envelope(envelope, &bundle, fault);
        if (r < 0)
                return r;
        *ret = bundle;
        bundle = (Bundle){};
        return 0;
}

void bundle_done(Bundle *bundle) {
        free(bundle->signature);
        free(bundle->payload);
        free(bundle->payload_type);
        *bundle = (Bundle){};
}

/* --- the statement --- */

static int read_subject(const json_t *object, StatementSubject *subject, Fault *fault) {
        const json_t *name = json_object_get(object, "name");
        const char *hex = json_string_value(json_object_get(json_object_get(object, "digest"), "sha256"));

        if (!hex || digest_from_hex(hex, &subject->digest) < 0)
                return malformed(fault, "the statement is about something without a SHA-256");
        if (name && !json_is_string(name) && !json_is_null(name))
                return malformed(fault, "the statement has a name that is no string");
        if (json_string_length(name) == 0)
                return 0;
        subject->name = strdup(json_string_value(name));
        return subject->name ? 0 : -ENOMEM;
}

int statement_parse(const char *text, size_t size, Statement *ret, Fault *fault) {
        AUTO(statement_done) Statement statement = {};
        autojson json_t *document = NULL;
        const json_t *subjects;
        const char *type, *predicate;
        int r;

        r = doc_parse(text, size, "the statement", &document, fault);
        if (r < 0)
                return r;
        type = json_string_value(json_object_get(document, "_type"));
        predicate = json_string_value(json_object_get(document, "predicateType"));
        subjects = json_object_get(document, "subject");
        if (!type || (strcmp(type, "https://in-toto.io/Statement/v1") != 0 &&
                                     strcmp(type, "https://in-toto.io/Statement/v0.1") != 0))
                return malformed(fault, "what is signed is no statement of in-toto");
        if (!predicate || strcmp(predicate, COSIGN_SIGN) != 0)
                return malformed(fault, "it states something about the image, and is no signature of it");
        if (json_array_size(subjects) == 0 || json_array_size(subjects) > SUBJECTS_LIMIT)
                return malformed(fault, "the statement is about nothing, or about too much");
        statement.items = calloc(json_array_size(subjects), sizeof(StatementSubject));
        if (!statement.items)
                return -ENOMEM;
        for (; statement.n < json_array_size(subjects); statement.n++) {
                r = read_subject(
                                json_array_get(subjects, statement.n), &statement.items[statement.n], fault);
                if (r < 0)
                        return r;
        }
        *ret = statement;
        statement = (Statement){};
        return 0;
}

void statement_done(Statement *statement) {
        for (size_t i = 0; i < statement->n; i++)
                free(statement->items[i].name);
        free(statement->items);
        *statement = (Statement){};
}

/* --- whether it is good --- */

/* What is signed of an envelope: type and payload with their lengths, so that neither can pass for the
 * other. */
static int encode(const Bundle *bundle, char **ret, size_t *ret_size) {
        char *text = NULL;
        size_t size = 0;
        FILE *stream = open_memstream(&text, &size);

        if (!stream)
                return -ENOMEM;
        (void) fprintf(stream, "DSSEv1 %zu %s %zu ", strlen(bundle->payload_type), bundle->payload_type,
                        bundle->payload_size);
        (void) fwrite(bundle->payload, 1, bundle->payload_size, stream);
        if (fclose(stream) != 0) {
                free(text);
                return -ENOMEM;
        }
        *ret = text;
        *ret_size = size;
        return 0;
}

static int find_key(const Wanted *wanted, const Bundle *bundle, const PublicKey **ret, Fault *fault) {
        autofree char *text = NULL;
        size_t size = 0;
        int r = bundle->payload ? encode(bundle, &text, &size) : 0;

        if (r < 0)
                return r;
        for (size_t i = 0; i < wanted->keys.n; i++) {
                const PublicKey *key = wanted->keys.items[i];

                if (text ? public_key_verify(key, text, size, bundle->signature, bundle->signature_size)
                         : public_key_verify_digest(key, &bundle->digest, bundle->signature,
                                           bundle->signature_size)) {
                        *ret = key;
                        return 0;
                }
        }
        return reject(fault, "it is by another key, or what was signed has been changed");
}

/* A key by prefix vouches for all below the prefix; a policy that compares names has to be given one. */
static int check_nameless(const Wanted *wanted, Fault *fault) {
        if (wanted->identity->kind == IDENTITY_ATTACHED)
                return 0;
        return reject(fault, "it names no image, so 'signedIdentity' cannot be compared; a key by prefix "
                             "needs none");
}

static int check_statement(const Wanted *wanted, const Bundle *bundle, Digest *ret_digest, Fault *fault) {
        AUTO(statement_done) Statement statement = {};
        int r = statement_parse(bundle->payload, bundle->payload_size, &statement, fault);

        if (r < 0)
                return r == -ENOMEM ? r : -EKEYREJECTED;
        for (size_t i = 0; i < statement.n; i++) {
                const StatementSubject *subject = &statement.items[i];

                if (wanted_check_digest(wanted->subject, &subject->digest, NULL) < 0)
                        continue;
                *ret_digest = subject->digest;
                return subject->name ? wanted_check_name(wanted->subject, wanted->identity, subject->name,
                                                       fault)
                                     : check_nameless(wanted, fault);
        }
        return wanted_check_digest(wanted->subject, &statement.items[0].digest, fault);
}

int bundle_verify(const Wanted *wanted, const Signature *signature, const PublicKey **ret_key,
                Digest *ret_digest, Fault *fault) {
        AUTO(bundle_done) Bundle bundle = {};
        int r = bundle_parse(signature->data, signature->size, &bundle, fault);

        if (r < 0)
                return r == -ENOMEM ? r : -EKEYREJECTED;
        if (wanted->rekor.n > 0)
                return reject(fault,
                                "a bundle's proof that it is in a transparency log cannot be verified; only "
                                "signatures in tags can have one");
        r = find_key(wanted, &bundle, ret_key, fault);
        if (r >= 0 && bundle.payload)
                return check_statement(wanted, &bundle, ret_digest, fault);
        if (r >= 0)
                r = wanted_check_digest(wanted->subject, &bundle.digest, fault);
        if (r >= 0)
                r = check_nameless(wanted, fault);
        if (r >= 0)
                *ret_digest = bundle.digest;
        return r;
}
