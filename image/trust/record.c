/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What is kept beside an image: signatures.json and verdict.json of its origin. */

#include <jansson.h>
#include <string.h>

#include "image/doc.h"
#include "image/trust/base64.h"
#include "image/trust/trust.h"
#include "lib/io.h"

#define SIGNATURES "signatures.json"
#define VERDICT "verdict.json"

/* All that trust_collect() may bring, as base64. */
#define SIGNATURES_LIMIT (16u << 20)

static const char *const kinds[_SIGNATURE_KIND_MAX] = {
        [SIGNATURE_OPENPGP] = "openpgp",
        [SIGNATURE_COSIGN] = "cosign",
        [SIGNATURE_BUNDLE] = "bundle",
};

/* --- signatures --- */

static int add_signature(json_t *list, const Signature *signature) {
        autofree char *data = NULL;
        json_t *object = json_object();
        int r = base64_encode(signature->data, signature->size, &data);

        if (r < 0 || !object || json_array_append_new(list, object) < 0 ||
                        json_object_set_new(object, "kind", json_string(kinds[signature->kind])) < 0 ||
                        json_object_set_new(object, "data", json_string(data)) < 0)
                return -ENOMEM;
        if ((signature->signature && json_object_set_new(object, "signature",
                                                     json_string(signature->signature)) < 0) ||
                        (signature->bundle && json_object_set_new(object, "bundle",
                                                              json_string(signature->bundle)) < 0))
                return -ENOMEM;
        return 0;
}

static int write_document(int dir_fd, const char *name, const json_t *document, Fault *fault) {
        autofree char *text = json_dumps(document, JSON_INDENT(1));
        int r = text ? io_replace_file(dir_fd, name, text, strlen(text), 0600) : -ENOMEM;

        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot write '%s' of the image's origin: %s",
                                       name, strerror(-r))
                     : 0;
}

static int write_signatures(int dir_fd, const SignatureList *signatures, Fault *fault) {
        autojson json_t *list = json_array();
        int r = list ? 0 : -ENOMEM;

        for (size_t i = 0; i < signatures->n && r >= 0; i++)
                r = add_signature(list, &signatures->items[i]);
        return r < 0 ? r : write_document(dir_fd, SIGNATURES, list, fault);
}

static int copy_text(const json_t *object, const char *key, char **ret) {
        const char *text = json_string_value(json_object_get(object, key));

        if (!text)
                return 0;
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

static int read_signature(const json_t *object, Signature *signature) {
        const char *kind = json_string_value(json_object_get(object, "kind"));
        const char *data = json_string_value(json_object_get(object, "data"));
        int r;

        signature->kind = _SIGNATURE_KIND_MAX;
        for (SignatureKind i = 0; i < _SIGNATURE_KIND_MAX; i++)
                if (kind && strcmp(kind, kinds[i]) == 0)
                        signature->kind = i;
        if (signature->kind == _SIGNATURE_KIND_MAX || !data)
                return -EINVAL;
        r = base64_decode(data, &signature->data, &signature->size);
        if (r >= 0)
                r = copy_text(object, "signature", &signature->signature);
        return r < 0 ? r : copy_text(object, "bundle", &signature->bundle);
}

static int parse_signatures(const json_t *document, SignatureList *list) {
        int r = 0;

        list->items = calloc(json_array_size(document) + 1, sizeof(Signature));
        if (!list->items)
                return -ENOMEM;
        for (size_t i = 0; i < json_array_size(document) && r >= 0; i++)
                r = read_signature(json_array_get(document, i), &list->items[list->n++]);
        return r;
}

int trust_read_signatures(int dir_fd, SignatureList *ret, Fault *fault) {
        AUTO(signature_list_done) SignatureList list = {};
        autojson json_t *document = NULL;
        autofree char *text = NULL;
        size_t size = 0;
        int r = io_read_file(dir_fd, SIGNATURES, SIGNATURES_LIMIT, &text, &size);

        if (r == -ENOENT) {
                *ret = (SignatureList){};
                return 0;
        }
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r,
                                "cannot read '" SIGNATURES "' of the image's origin: %s", strerror(-r));
        document = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
        r = json_is_array(document) ? parse_signatures(document, &list) : -EINVAL;
        if (r == -EINVAL)
                return fault_raise(fault, FAULT_INTEGRITY, EINVAL,
                                "'" SIGNATURES "' of the image's origin is damaged; pull the image again");
        if (r < 0)
                return r;
        *ret = list;
        list = (SignatureList){};
        return 0;
}

/* --- the verdict --- */

static int set_digest(json_t *object, const Digest *digest) {
        return digest_is_set(digest) ? json_object_set_new(object, "digest",
                                                       json_sprintf("sha256:%s", digest->hex))
                                     : 0;
}

static int write_verdict(int dir_fd, const TrustVerdict *verdict, Fault *fault) {
        autojson json_t *object = json_object();

        if (!object || json_object_set_new(object, "policy", json_string(verdict->policy)) < 0 ||
                        json_object_set_new(object, "rule", json_string(verdict->rule ?: "")) < 0 ||
                        (verdict->key &&
                                        json_object_set_new(object, "key", json_string(verdict->key)) < 0) ||
                        set_digest(object, &verdict->digest) < 0)
                return -ENOMEM;
        return write_document(dir_fd, VERDICT, object, fault);
}

int trust_record(int dir_fd, const SignatureList *signatures, const TrustVerdict *verdict, Fault *fault) {
        int r = signatures ? write_signatures(dir_fd, signatures, fault) : 0;

        return r < 0 ? r : write_verdict(dir_fd, verdict, fault);
}

static int parse_verdict(const json_t *object, TrustVerdict *verdict) {
        const char *policy = json_string_value(json_object_get(object, "policy"));
        const char *digest = json_string_value(json_object_get(object, "digest"));
        int r = policy && digest_is_hex(policy, 64) ? 0 : -EINVAL;

        if (r >= 0)
                memcpy(verdict->policy, policy, sizeof(verdict->policy));
        if (r >= 0 && digest)
                r = digest_parse(digest, &verdict->digest, NULL);
        if (r >= 0)
                r = copy_text(object, "rule", &verdict->rule);
        return r < 0 ? r : copy_text(object, "key", &verdict->key);
}

int trust_read_verdict(int dir_fd, TrustVerdict *ret, Fault *fault) {
        autoverdict TrustVerdict verdict = {};
        autojson json_t *document = NULL;
        autofree char *text = NULL;
        size_t size = 0;
        int r = io_read_file(dir_fd, VERDICT, 65536, &text, &size);

        if (r == -ENOENT)
                return r;
        if (r >= 0)
                r = doc_parse(text, size, "'" VERDICT "'", &document, fault);
        else
                return fault_raise(fault, FAULT_SYSTEM, -r,
                                "cannot read '" VERDICT "' of the image's origin: %s", strerror(-r));
        if (r < 0)
                return r;
        r = parse_verdict(document, &verdict);
        if (r == -EINVAL)
                return fault_raise(fault, FAULT_INTEGRITY, EINVAL,
                                "'" VERDICT "' of the image's origin is damaged");
        if (r < 0)
                return r;
        *ret = verdict;
        verdict = (TrustVerdict){};
        return 0;
}
