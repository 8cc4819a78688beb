/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* A directory of policy and keys, in the tree of a test. */

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include "image/trust/base64.h"
#include "image/trust/pubkey.h"
#include "image/trust/trust.h"
#include "lib/io.h"
#include "tests/unit/tree.h"
#include "tests/unit/trust/fingerprints.h"

#define NAME "docker.io/acme/app:1"

static inline void read_fixture(const char *name, char **ret, size_t *ret_size) {
        char path[512];

        (void) snprintf(path, sizeof(path), "%s/%s", FIXTURES, name);
        ck_assert_msg(io_read_file(AT_FDCWD, path, 1 << 20, ret, ret_size) == 0, "%s", path);
}

/* Puts a key of the fixtures where it belongs, or where it does not. */
static inline void install_key(const char *fixture, const char *directory, const char *name) {
        autofree char *text = NULL, *path = NULL;
        size_t size;

        read_fixture(fixture, &text, &size);
        ck_assert_int_gt(asprintf(&path, "%s/%s", directory, name), 0);
        tree_file(path, text);
}

static inline char *public_pem(EVP_PKEY *key) {
        BIO *bio = BIO_new(BIO_s_mem());
        char *text, *copy;
        long size;

        ck_assert_int_eq(PEM_write_bio_PUBKEY(bio, key), 1);
        size = BIO_get_mem_data(bio, &text);
        copy = strndup(text, (size_t) size);
        BIO_free(bio);
        return copy;
}

static inline void install_public_key(EVP_PKEY *key, const char *directory) {
        autofree char *pem = public_pem(key), *path = NULL;
        autopublickey PublicKey *public = NULL;

        ck_assert_int_eq(public_key_read(pem, strlen(pem), "key", &public, NULL), 0);
        ck_assert_int_gt(asprintf(&path, "%s/%s", directory, public_key_fingerprint(public)), 0);
        tree_file(path, pem);
}

/* Signs as `openssl dgst -sha256 -sign` does. */
static inline void sign_bytes(EVP_PKEY *key, const void *data, size_t size, char **ret_base64) {
        EVP_MD_CTX *context = EVP_MD_CTX_new();
        unsigned char signature[1024];
        size_t n = sizeof(signature);
        const EVP_MD *md = EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();

        ck_assert_int_eq(EVP_DigestSignInit(context, NULL, md, NULL, key), 1);
        ck_assert_int_eq(EVP_DigestSign(context, signature, &n, data, size), 1);
        EVP_MD_CTX_free(context);
        ck_assert_int_eq(base64_encode(signature, n, ret_base64), 0);
}

static inline TrustSubject subject_of(const char *transport, const char *name, const char *digest) {
        TrustSubject subject = { .transport = transport, .name = name };

        if (digest)
                ck_assert_int_eq(digest_from_hex(digest, &subject.top), 0);
        return subject;
}
