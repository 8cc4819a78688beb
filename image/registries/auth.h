/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Credentials for registries
 *
 * auth.json of containers-auth.json(5) and config.json of Docker are one
 * format. Several places are looked at in turn, and in each of them the most
 * specific key counts: HOST/NS/REPO, HOST/NS, HOST. A file may also name a
 * program that is asked, see image/registries/helper.h.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

typedef struct Auth {
        char *user, *password;
        char *identity_token;
        char *registry_token;
        char *source; /* what a person is told: file, key, helper */
} Auth;

/* Wipes all but the source. */
void auth_done(Auth *auth);
#define autoauth AUTO(auth_done)

/* Is told of a file that others can read, and the like. */
typedef void AuthNote(void *data, const Fault *fault);

typedef struct AuthLookup {
        const char *file;     /* from a person: this one and no other; NULL for the usual places */
        char *const *helpers; /* credential-helpers of registries.conf; NULL when it has none */
        AuthNote *note;
        void *data;
} AuthLookup;

/**
 * auth_find() - look for credentials
 * @host:       as references have it, "docker.io"
 * @repository: on that host
 * @ret:        all NULL when there are none
 *
 * Return: 1, 0 when there are none, -errno with a fault that names file and key.
 */
int auth_find(const AuthLookup *lookup, const char *host, const char *repository, Auth *ret, Fault *fault);

/* The same in one text, which is that of @path. Return: 1, 0, -errno. */
int auth_find_in_text(const char *text, size_t size, const char *path, bool is_old, const char *host,
                const char *repository, Auth *ret, Fault *fault);

/* What a credential helper knows a host by. Return: @host, or an address for docker.io. */
const char *auth_server(const char *host);

/* Strict: the alphabet with '+' and '/', padded, and no bit too many. Return: 0 or -EINVAL. */
int auth_decode_base64(const char *text, char **ret, size_t *ret_size);
