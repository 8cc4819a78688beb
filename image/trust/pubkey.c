/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/trust/pubkey.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#include "image/hash.h"

#define BEGIN "-----BEGIN PUBLIC KEY-----"
#define RSA_BITS_MIN 2048

struct PublicKey {
        EVP_PKEY *key;
        Digest fingerprint;
        const char *kind;
        bool has_sha384; /* what tools of sigstore take with this curve */
        bool has_sha512;
};

bool public_key_is_pem(const char *data, size_t size) {
        return memmem(data, size, BEGIN, strlen(BEGIN)) != NULL;
}

/* clang-format off */
static const struct {
        const char *curve, *kind;
        bool has_sha384, has_sha512;
} curves[] = {
        { "prime256v1", "ECDSA P-256", false, false },
        { "secp384r1",  "ECDSA P-384", true,  false },
        { "secp521r1",  "ECDSA P-521", false, true },
};
/* clang-format on */

static bool find_kind(PublicKey *key) {
        char curve[32] = "";

        if (EVP_PKEY_is_a(key->key, "ED25519"))
                key->kind = "Ed25519";
        if (EVP_PKEY_is_a(key->key, "RSA") && EVP_PKEY_get_bits(key->key) >= RSA_BITS_MIN)
                key->kind = "RSA";
        if (!EVP_PKEY_is_a(key->key, "EC") ||
                        EVP_PKEY_get_utf8_string_param(key->key, OSSL_PKEY_PARAM_GROUP_NAME, curve,
                                        sizeof(curve), NULL) != 1)
                return key->kind != NULL;
        for (size_t i = 0; i < ELEMENTS(curves); i++)
                if (strcmp(curves[i].curve, curve) == 0) {
                        key->kind = curves[i].kind;
                        key->has_sha384 = curves[i].has_sha384;
                        key->has_sha512 = curves[i].has_sha512;
                }
        return key->kind != NULL;
}

static int take_fingerprint(PublicKey *key) {
        unsigned char *der = NULL;
        int n = i2d_PUBKEY(key->key, &der), r;

        if (n <= 0)
                return -EINVAL;
        r = hash_bytes(der, (size_t) n, &key->fingerprint);
        OPENSSL_free(der);
        return r;
}

int public_key_read(const char *pem, size_t size, const char *what, PublicKey **ret, Fault *fault) {
        autopublickey PublicKey *key = calloc(1, sizeof(PublicKey));
        const char *begin = memmem(pem, size, BEGIN, strlen(BEGIN));
        BIO *bio;
        int r;

        if (!key)
                return -ENOMEM;
        if (memmem(pem, size, "PRIVATE KEY", 11))
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "%s has a private key in it; `openssl pkey -pubout` makes a public one",
                                what);
        if (!begin)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "%s has no '" BEGIN "'", what);
        if (memmem(begin + 1, size - (size_t) (begin + 1 - pem), BEGIN, strlen(BEGIN)))
                return fault_raise(fault, FAULT_VALUE, EINVAL, "%s has more than one key", what);
        bio = BIO_new_mem_buf(begin, (int) (size - (size_t) (begin - pem)));
        if (!bio)
                return -ENOMEM;
        key->key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
        BIO_free(bio);
        ERR_clear_error();
        if (!key->key)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "%s is no public key that OpenSSL can read",
                                what);
        if (!find_kind(key))
                return fault_raise(fault, FAULT_UNSUPPORTED, EINVAL,
                                "%s is a key of a kind that is not supported: ECDSA P-256, P-384 and P-521, "
                                "Ed25519, RSA from %d bits",
                                what, RSA_BITS_MIN);
        r = take_fingerprint(key);
        if (r < 0)
                return r == -ENOMEM ? r : fault_raise(fault, FAULT_VALUE, -r, "%s cannot be read", what);
        *ret = TAKE(key);
        return 0;
}

void public_key_free(PublicKey *key) {
        EVP_PKEY_free(key->key);
        free(key);
}

const char *public_key_fingerprint(const PublicKey *key) {
        return key->fingerprint.hex;
}

const char *public_key_kind(const PublicKey *key) {
        return key->kind;
}

bool public_key_equal(const PublicKey *a, const PublicKey *b) {
        return EVP_PKEY_eq(a->key, b->key) == 1;
}

static bool verify_with(const PublicKey *key, const EVP_MD *md, const void *data, size_t size,
                const void *signature, size_t signature_size) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        bool good;

        good = context && EVP_DigestVerifyInit(context, NULL, md, NULL, key->key) == 1 &&
               EVP_DigestVerify(context, signature, signature_size, data, size) == 1;
        EVP_MD_CTX_free(context);
        ERR_clear_error();
        return good;
}

bool public_key_verify(const PublicKey *key, const void *data, size_t size, const void *signature,
                size_t signature_size) {
        if (EVP_PKEY_is_a(key->key, "ED25519"))
                return verify_with(key, NULL, data, size, signature, signature_size);
        return verify_with(key, EVP_sha256(), data, size, signature, signature_size) ||
               (key->has_sha384 && verify_with(key, EVP_sha384(), data, size, signature, signature_size)) ||
               (key->has_sha512 && verify_with(key, EVP_sha512(), data, size, signature, signature_size));
}

static void to_bytes(const Digest *digest, unsigned char bytes[DIGEST_BYTES]) {
        for (size_t i = 0; i < DIGEST_BYTES; i++) {
                unsigned byte = 0;

                (void) sscanf(digest->hex + 2 * i, "%2x", &byte);
                bytes[i] = (unsigned char) byte;
        }
}

bool public_key_verify_digest(
                const PublicKey *key, const Digest *digest, const void *signature, size_t signature_size) {
        unsigned char bytes[DIGEST_BYTES];
        EVP_PKEY_CTX *context;
        bool good;

        if (EVP_PKEY_is_a(key->key, "ED25519"))
                return false;
        to_bytes(digest, bytes);
        context = EVP_PKEY_CTX_new(key->key, NULL);
        good = context && EVP_PKEY_verify_init(context) == 1 &&
               EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
               EVP_PKEY_verify(context, signature, signature_size, bytes, sizeof(bytes)) == 1;
        EVP_PKEY_CTX_free(context);
        ERR_clear_error();
        return good;
}
