/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What slipway-store is asked for
 *
 * The first message of a connection, image/pull.h. Who sends it is root; it
 * is read as strictly as if it were a stranger, for much of it was once told
 * by one.
 */

#include <jansson.h>

#include "image/digest.h"
#include "image/platform.h"
#include "image/unpack.h"

typedef struct PullRequest {
        char *name; /* as a person may write it */
        char *type; /* media type of the document; NULL when the registry did not say */
        Digest digest;
        Platform platform;
        bool platform_is_given;
        UnpackBudget budget;
} PullRequest;

/* Return: 0, or -EINVAL with a fault; -EOPNOTSUPP for something else than a pull. */
int pull_request_parse(const json_t *body, PullRequest *ret, Fault *fault);

void pull_request_done(PullRequest *request);
