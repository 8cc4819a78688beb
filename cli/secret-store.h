/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The stores that Secret= takes secrets from
 *
 * They are systemd's credential stores: directories with one file a secret.
 * Ours to write are /etc/credstore.encrypted and /etc/credstore, both for root
 * only. This module does not know how a secret is encrypted.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "lib/fault.h"

typedef enum SecretKind {
        SECRET_ENCRYPTED,
        SECRET_PLAIN,
        _SECRET_KIND_MAX,
} SecretKind;

/* Open for changes: nobody else has it. */
typedef struct SecretStore {
        int fds[_SECRET_KIND_MAX];
} SecretStore;

#define SECRET_STORE_CLOSED \
        {                   \
                { -1, -1 }  \
        }

/**
 * secret_store_open() - open it for changes, and wait until nobody else has it so
 * @root:       what the stores are below of, "" for the system's own
 *
 * Makes the directories if they are not there, and removes what a writer that was killed has left.
 */
int secret_store_open(const char *root, SecretStore *ret, Fault *fault);
void secret_store_close(SecretStore *store);

/**
 * secret_store_check() - whether a secret of that name can be made
 * Return: 0; -EEXIST with a fault when there is one, and it shall not be replaced.
 */
int secret_store_check(const SecretStore *store, const char *name, bool replace, Fault *fault);

/**
 * secret_store_put() - put a secret in place, whole or not at all
 * @data:       what the file is to have, encrypted if that is its kind
 *
 * One of that name is replaced, in whichever of the two stores it was.
 */
int secret_store_put(const SecretStore *store, const char *name, SecretKind kind, const void *data,
                size_t size, Fault *fault);

/* Takes it out of both. Return: 0; -ENOENT with a fault when it was in none. */
int secret_store_remove(const SecretStore *store, const char *name, Fault *fault);

typedef struct Secret {
        char *name, *path;
        SecretKind kind;
        struct stat st;
} Secret;

typedef struct SecretList {
        Secret *items; /* by name */
        size_t n;
} SecretList;

/* What Secret= would find, in the order in which it looks: of two with one name the first. */
int secret_list_load(const char *root, SecretList *ret, Fault *fault);
void secret_list_done(SecretList *list);
