/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What is signed
 *
 *      {"critical": {"type": "atomic container signature",
 *                    "image": {"docker-manifest-digest": "sha256:…"},
 *                    "identity": {"docker-reference": "docker.io/acme/app:1"}},
 *       "optional": {"creator": "…", "timestamp": 1458239713}}
 *
 * Nothing of it is looked at before the signature was found to be good. It is read strictly: what we do not
 * know in "critical" could change what the rest means.
 */

#include <stddef.h>

#include "image/digest.h"
#include "lib/cleanup.h"

#define PAYLOAD_LIMIT (64u << 10)

#define PAYLOAD_ATOMIC "atomic container signature"
#define PAYLOAD_COSIGN "cosign container image signature"

typedef struct Payload {
        Digest digest;
        char *reference; /* as it was written, not checked */
} Payload;

/* @type: which of the two it has to be. Return: 0, -EINVAL or -EFBIG with a fault, -ENOMEM. */
int payload_parse(const char *text, size_t size, const char *type, Payload *ret, Fault *fault);

void payload_done(Payload *payload);
#define autopayload AUTO(payload_done)
