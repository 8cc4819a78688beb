/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Values of Secrets and ConfigMaps, from the YAML that they are written in: so they are copied nowhere. */

#include "nspawn-glue/credential.h"
#include "nspawn-glue/secret-spec.h"

/**
 * yaml_secret_read() - read the value of a key
 * @spec:       one of --yaml-secret=
 *
 * Return: 0; -errno with a fault that says nothing of any value; -ENOMEM.
 */
int yaml_secret_read(const SecretSpec *spec, Credential *ret, Fault *fault);

/* What is in base64, blanks left out, in place. Return: 0 or -EINVAL. */
int yaml_secret_decode(char *text, size_t *ret_size);
