/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Credentials that the service manager has given to the unit
 *
 * What is read here is secret: it is wiped when it is released, and nobody
 * puts it into a message.
 */

#include <stddef.h>

#include "lib/cleanup.h"

typedef struct Credential {
        char *data; /* with a NUL behind it */
        size_t size;
} Credential;

/* Opens $CREDENTIALS_DIRECTORY. Return: 0; -ENOENT when the unit has none. */
int credential_open_directory(int *ret);

/* Reads the credential @id. Return: 0; -ENOENT when there is none; -EFBIG, -errno. */
int credential_read(int directory, const char *id, Credential *ret);

/* The secret @name, from wherever the unit has it, see lib/credentials.h. Return: as credential_read(). */
int credential_read_secret(int directory, const char *name, Credential *ret);

void credential_done(Credential *credential);

/**
 * credential_list() - those of the unit that are no secrets of the manifest
 * @secrets:    texts of --secret=
 * @ret:        a list of ids, sorted; NULL when there are none
 */
int credential_list(int directory, char *const *secrets, char ***ret);
