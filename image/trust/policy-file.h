/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the two halves of the policy's parser share: policy.c reads scopes, requirement.c what is in them. */

#include <jansson.h>

#include "image/trust/policy.h"

/* Where in the document something stands: 'transports.docker."docker.io/acme"[0].keyPath' */
typedef struct PolicyPath {
        char text[256];
} PolicyPath;

PolicyPath policy_path_key(const PolicyPath *path, const char *key);
PolicyPath policy_path_index(const PolicyPath *path, size_t i);

/* Return: -EINVAL. */
int policy_wrong(const PolicyPath *path, Fault *fault, const char *format, ...)
                __attribute__((format(printf, 3, 4)));

/* Nothing but an object with some of these members will do; NULL at the end. */
int policy_check_keys(const json_t *object, const PolicyPath *path, const char *const *known, Fault *fault);

/* @ret may be partly filled on failure, and is to be released in any case. */
int requirement_parse(const json_t *object, const PolicyPath *path, Requirement *ret, Fault *fault);
void requirement_done(Requirement *requirement);
