/* SPDX-License-Identifier: LGPL-2.1-or-later */

/*
 * Rekor's promise that a signature is in its log: the SignedEntryTimestamp, a signature of the log over the
 * entry's canonical JSON (RFC 8785). What the entry is about has to be this signature, of this payload, by
 * this key.
 */

#include <string.h>

#include "image/doc.h"
#include "image/hash.h"
#include "image/trust/base64.h"
#include "image/trust/evidence.h"

static int reject(Fault *fault, const char *why) {
        return fault_raise(fault, FAULT_INTEGRITY, EKEYREJECTED, "%s", why);
}

/* In these characters a string is its own canonical form. */
static bool is_plain(const char *text) {
        return text &&
               text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_.")] ==
                               '\0';
}

/* The four members in the order of their names. Return: NULL when out of memory or not so. */
static char *canonicalise(const json_t *payload) {
        const char *body = json_string_value(json_object_get(payload, "body"));
        const char *log = json_string_value(json_object_get(payload, "logID"));
        const json_t *time = json_object_get(payload, "integratedTime");
        const json_t *index = json_object_get(payload, "logIndex");
        char *text;

        if (json_object_size(payload) != 4 || !is_plain(body) || !is_plain(log) || !json_is_integer(time) ||
                        !json_is_integer(index))
                return NULL;
        return asprintf(&text,
                               "{\"body\":\"%s\",\"integratedTime\":%lld,\"logID\":\"%s\",\"logIndex\":%"
                               "lld}",
                               body, (long long) json_integer_value(time), log,
                               (long long) json_integer_value(index)) < 0
                               ? NULL
                               : text;
}

static const char *text_at(const json_t *object, const char *a, const char *b, const char *c) {
        object = json_object_get(json_object_get(object, a), b);
        return json_string_value(c ? json_object_get(object, c) : object);
}

static bool is_signed_by_log(const PublicKeys *logs, const char *canonical, const char *timestamp) {
        autofree char *bytes = NULL;
        size_t size = 0;

        if (!timestamp || base64_decode(timestamp, &bytes, &size) < 0)
                return false;
        for (size_t i = 0; i < logs->n; i++)
                if (public_key_verify(logs->items[i], canonical, strlen(canonical), bytes, size))
                        return true;
        return false;
}

static bool is_key(const char *text, const PublicKey *key) {
        autopublickey PublicKey *logged = NULL;
        autofree char *pem = NULL;
        size_t size = 0;

        return text && base64_decode(text, &pem, &size) >= 0 &&
               public_key_read(pem, size, "it", &logged, NULL) >= 0 && public_key_equal(logged, key);
}

/* {"apiVersion", "kind": "hashedrekord", "spec": {"signature": {"content", "publicKey": {"content"}},
 *                                                 "data": {"hash": {"algorithm", "value"}}}} */
static bool is_about(const json_t *entry, const PublicKey *key, const char *signature, const void *payload,
                size_t size) {
        const json_t *spec = json_object_get(entry, "spec");
        const char *kind = json_string_value(json_object_get(entry, "kind"));
        const char *version = json_string_value(json_object_get(entry, "apiVersion"));
        const char *algorithm = text_at(spec, "data", "hash", "algorithm");
        const char *value = text_at(spec, "data", "hash", "value");
        const char *content = text_at(spec, "signature", "content", NULL);
        Digest digest;

        return kind && strcmp(kind, "hashedrekord") == 0 && version && strcmp(version, "0.0.1") == 0 &&
               algorithm && strcmp(algorithm, "sha256") == 0 && value && content &&
               strcmp(content, signature) == 0 &&
               is_key(text_at(spec, "signature", "publicKey", "content"), key) &&
               hash_bytes(payload, size, &digest) >= 0 && strcmp(value, digest.hex) == 0;
}

int rekor_verify(const PublicKeys *logs, const char *bundle, const PublicKey *key, const char *signature,
                const void *payload, size_t size, Fault *fault) {
        autojson json_t *document = NULL, *entry = NULL;
        autofree char *canonical = NULL, *body = NULL;
        const json_t *logged;
        size_t body_size = 0;
        int r;

        if (!bundle)
                return reject(fault, "there is no proof that it is in a transparency log");
        r = doc_parse(bundle, strlen(bundle), "the proof of the log", &document, fault);
        if (r < 0)
                return -EKEYREJECTED;
        logged = json_object_get(document, "Payload");
        canonical = canonicalise(logged);
        if (!canonical)
                return reject(fault, "the proof that it is in a transparency log cannot be read");
        if (!is_signed_by_log(logs, canonical,
                            json_string_value(json_object_get(document, "SignedEntryTimestamp"))))
                return reject(fault,
                                "the proof that it is in a transparency log is by none of the log's keys");
        if (base64_decode(json_string_value(json_object_get(logged, "body")), &body, &body_size) < 0)
                return reject(fault, "the log's entry is not base64");
        r = doc_parse(body, body_size, "the log's entry", &entry, fault);
        if (r < 0)
                return -EKEYREJECTED;
        if (!is_about(entry, key, signature, payload, size))
                return reject(fault, "the log's entry is about another signature");
        return 0;
}
