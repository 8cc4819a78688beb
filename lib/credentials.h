/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Secrets as credentials of a unit
 *
 * What the generator writes about a secret, the launcher finds again in $CREDENTIALS_DIRECTORY, and `slipway
 * secret` keeps, is agreed on here. For a secret "db" the unit has:
 *
 *     SetCredential=db:slipway/missing
 *     LoadCredentialEncrypted=db:/etc/credstore.encrypted/db
 *     LoadCredential=plain@db:db
 *
 * An encrypted credential opens under its own name only, so that is its id. The first line makes that its
 * absence does not fail the unit, with an exit status and no word; it is the launcher that says so. Without
 * a path, systemd looks for it in all plain stores, but it would take what it finds there for encrypted: so
 * plain ones have an id of their own.
 */

#include <stdbool.h>

#define CREDENTIAL_ABSENT "slipway/missing"
#define CREDENTIAL_PLAIN "plain@"

#define CREDSTORE_DIR "/etc/credstore"
#define CREDSTORE_ENCRYPTED_DIR "/etc/credstore.encrypted"

/*
 * Systemd's own limit, of one and of all that a unit has, and what that leaves with the lines and names
 * above. What is encrypted counts twice, opened and as it is in its file: systemd 257 finds that by the line
 * for plain secrets, too.
 */
#define CREDENTIAL_MAX (1024 * 1024)
#define SECRET_MAX (1016 * 1024)

/* Both ids have to be names of files, and so has a draft of it, which is a little longer. */
#define SECRET_NAME_MAX 240

/* Letters, digits, "_", "." and "-", a letter or digit first: what Podman takes. */
bool secret_name_is_valid(const char *name);
