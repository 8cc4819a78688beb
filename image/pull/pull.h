/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * From a document to an image in the store
 *
 * Plan from the document that the name led to, ask whether it is to be
 * trusted, have all missing layers fetched at once, unpack and verify them
 * as they arrive, commit. What the fetcher says is compared with digests that
 * go back to the document's own, and no name of its ever becomes a path.
 */

#include "image/fetch.h"
#include "image/import.h"
#include "image/pull/request.h"
#include "image/pull/tell.h"

typedef struct Pulled {
        ImportResult result;
        char *rule, *key; /* of the verdict; NULL for none */
} Pulled;

/* What a pull is made of; the caller's. */
typedef struct PullJob {
        Store *store; /* opened with store_create(), not locked */
        const PullRequest *request;
        const char *document; /* as long as this, and not yet compared with the request's digest */
        size_t size;
        Fetch *fetch;
        Tell *tell;
        const bool *canceled; /* set by another thread, which then also calls fetch_cancel() */
} PullJob;

/* Return: 0, -ECANCELED, or -errno with a fault; then the store is as it was. */
int pull(const PullJob *job, Pulled *ret, Fault *fault);

void pulled_done(Pulled *pulled);
