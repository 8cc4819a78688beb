/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/hash.h"

#include <openssl/evp.h>
#include <string.h>

struct Hash {
        EVP_MD_CTX *context;
        int ok; /* OpenSSL's: 1 until something failed */
};

Hash *hash_new(void) {
        AUTO(hash_freep) Hash *hash = calloc(1, sizeof(Hash));

        if (!hash)
                return NULL;
        hash->context = EVP_MD_CTX_new();
        if (!hash->context)
                return NULL;
        hash->ok = EVP_DigestInit_ex(hash->context, EVP_sha256(), NULL);
        return TAKE(hash);
}

void hash_update(Hash *hash, const void *data, size_t size) {
        if (hash->ok == 1)
                hash->ok = EVP_DigestUpdate(hash->context, data, size);
}

int hash_finish(Hash *hash, Digest *ret) {
        unsigned char bytes[EVP_MAX_MD_SIZE];

        if (hash->ok == 1)
                hash->ok = EVP_DigestFinal_ex(hash->context, bytes, NULL);
        if (hash->ok != 1)
                return -EIO;
        digest_from_bytes(bytes, ret);
        return 0;
}

void hash_free(Hash *hash) {
        EVP_MD_CTX_free(hash->context);
        free(hash);
}

int hash_bytes(const void *data, size_t size, Digest *ret) {
        autohash Hash *hash = hash_new();

        if (!hash)
                return -ENOMEM;
        hash_update(hash, data, size);
        return hash_finish(hash, ret);
}

int hash_chain_id(const Digest *below, const Digest *diff_id, Digest *ret) {
        char text[2 * (DIGEST_HEX + 8) + 2];

        if (!below) {
                *ret = *diff_id;
                return 0;
        }
        (void) snprintf(text, sizeof(text), "sha256:%s sha256:%s", below->hex, diff_id->hex);
        return hash_bytes(text, strlen(text), ret);
}
