/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What --secret= says
 *
 * NAME[,type=mount|env][,target=TARGET][,uid=UID][,gid=GID][,mode=MODE]. It
 * speaks of a secret and where it goes, and never has the secret itself.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/credentials.h"
#include "lib/fault.h"

#define SECRETS_DIR "/run/secrets"

typedef struct SecretSpec {
        char name[SECRET_NAME_MAX + 1];
        bool is_env;
        char *target; /* a variable, or an absolute path in the container */
        uint32_t uid, gid;
        mode_t mode;

        /* Of --yaml-secret= only; @name is the key there */
        char *file, *object;
        bool is_config_map;
} SecretSpec;

/**
 * secret_spec_parse() - read it
 * @ret:        to be freed with secret_spec_done()
 *
 * Defaults are podman-run(1)'s: a file in /run/secrets, which is root's, and which everybody can read.
 *
 * Return: 0, -EINVAL with a fault, -ENOMEM.
 */
int secret_spec_parse(const char *text, SecretSpec *ret, Fault *fault);

/**
 * yaml_secret_spec_parse() - the same for --yaml-secret=
 *
 * secret|configmap/NAME/KEY[,OPTION…],file=PATH, with the options above; the path is all the rest.
 */
int yaml_secret_spec_parse(const char *text, SecretSpec *ret, Fault *fault);

void secret_spec_done(SecretSpec *spec);
