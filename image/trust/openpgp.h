/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * OpenPGP, by gpgme and gpg
 *
 * A ring lives in a directory of its own below /tmp, and has only the keys that it was given, so that what
 * is in root's home, or what an agent or a server of keys would say, has no part in it.
 */

#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

#define OPENPGP_FINGERPRINT 64

typedef struct OpenPgp OpenPgp;

/* Return: 0 or -errno with a fault. */
int openpgp_new(OpenPgp **ret, Fault *fault);

/* Removes the directory. */
void openpgp_free(OpenPgp *ring);
DEFINE_AUTO(OpenPgp *, openpgp_free)
#define autoopenpgp AUTO(openpgp_freep)

/* A key in a ring. */
typedef struct OpenPgpKey {
        char fingerprint[OPENPGP_FINGERPRINT + 1]; /* of the primary key, lower case */
        char *user;                                /* its first user id, or NULL */
        long expires;                              /* seconds since 1970, 0 for never */
        bool is_revoked;
} OpenPgpKey;

/**
 * openpgp_add() - put keys into the ring
 * @what:       where they come from, for messages
 * @ret:        fingerprint of the last one
 *
 * Return: how many there were, at least 1; -errno with a fault.
 */
int openpgp_add(OpenPgp *ring, const char *data, size_t size, const char *what,
                char ret[OPENPGP_FINGERPRINT + 1], Fault *fault);

/* All keys of the ring, to be released with openpgp_keys_free(). */
int openpgp_list(OpenPgp *ring, OpenPgpKey **ret, size_t *ret_n, Fault *fault);
void openpgp_keys_free(OpenPgpKey *keys, size_t n);

/* One key, armoured, as a file for others. */
int openpgp_export(OpenPgp *ring, const char *fingerprint, char **ret, size_t *ret_size, Fault *fault);

/**
 * openpgp_verify() - what is in a signed message
 * @data:       the message, binary; neither a detached nor a cleartext signature
 * @ret:        what was signed, PAYLOAD_LIMIT bytes at most
 * @ret_key:    primary fingerprint of the key that has signed it
 *
 * It has exactly one signature, which is valid and has not expired, by a key of the ring that is as well.
 *
 * Return: 0, -EKEYREJECTED with a fault that says what is wrong, -errno.
 */
int openpgp_verify(OpenPgp *ring, const char *data, size_t size, char **ret, size_t *ret_size,
                char ret_key[OPENPGP_FINGERPRINT + 1], Fault *fault);
