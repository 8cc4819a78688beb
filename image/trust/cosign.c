/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The classic signatures of cosign: a payload of simple signing, and beside it the signature. */

#include <string.h>

#include "image/trust/base64.h"
#include "image/trust/evidence.h"
#include "image/trust/payload.h"

int public_keys_add(PublicKeys *keys, PublicKey *key) {
        PublicKey **grown = reallocarray(keys->items, keys->n + 1, sizeof(PublicKey *));

        if (!grown) {
                public_key_free(key);
                return -ENOMEM;
        }
        keys->items = grown;
        keys->items[keys->n++] = key;
        return 0;
}

void public_keys_done(PublicKeys *keys) {
        for (size_t i = 0; i < keys->n; i++)
                public_key_free(keys->items[i]);
        free(keys->items);
        *keys = (PublicKeys){};
}

static int reject(Fault *fault, const char *why) {
        return fault_raise(fault, FAULT_INTEGRITY, EKEYREJECTED, "%s", why);
}

int wanted_check_digest(const TrustSubject *subject, const Digest *digest, Fault *fault) {
        if (digest_equal(digest, &subject->top) || digest_equal(digest, &subject->manifest))
                return 0;
        return fault_raise(fault, FAULT_INTEGRITY, EKEYREJECTED, "it is about another image, sha256:%s",
                        digest->hex);
}

int wanted_check_name(const TrustSubject *subject, const Identity *identity, const char *signed_name,
                Fault *fault) {
        if (identity_matches(identity, subject->name, signed_name))
                return 0;
        return fault_raise(fault, FAULT_INTEGRITY, EKEYREJECTED, "it is for the name '%.100s'", signed_name);
}

/* Return: NULL if it is by none of the keys. */
static const PublicKey *find_key(
                const PublicKeys *keys, const Signature *signature, const char *bytes, size_t size) {
        for (size_t i = 0; i < keys->n; i++)
                if (public_key_verify(keys->items[i], signature->data, signature->size, bytes, size))
                        return keys->items[i];
        return NULL;
}

int cosign_verify(const Wanted *wanted, const Signature *signature, const PublicKey **ret_key,
                Digest *ret_digest, Fault *fault) {
        autofree char *bytes = NULL;
        autopayload Payload payload = {};
        const PublicKey *key;
        size_t size = 0;
        int r;

        r = signature->signature ? base64_decode(signature->signature, &bytes, &size) : -EINVAL;
        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return reject(fault, "it is not base64");
        key = find_key(&wanted->keys, signature, bytes, size);
        if (!key)
                return reject(fault, "it is by another key, or what was signed has been changed");
        if (wanted->rekor.n > 0)
                r = rekor_verify(&wanted->rekor, signature->bundle, key, signature->signature,
                                signature->data, signature->size, fault);
        if (r >= 0) {
                r = payload_parse(signature->data, signature->size, PAYLOAD_COSIGN, &payload, fault);
                if (r < 0 && r != -ENOMEM)
                        return fault_wrap(fault, -EKEYREJECTED, "what was signed cannot be read");
        }
        if (r >= 0)
                r = wanted_check_digest(wanted->subject, &payload.digest, fault);
        if (r >= 0)
                r = wanted_check_name(wanted->subject, wanted->identity, payload.reference, fault);
        if (r < 0)
                return r;
        *ret_key = key;
        *ret_digest = payload.digest;
        return 0;
}
