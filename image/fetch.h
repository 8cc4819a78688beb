/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Asking the fetcher
 *
 * slipway-fetch speaks to registries, and to nobody else but who connected
 * to its socket. This is that side. One connection is about one repository;
 * it may be handed from slipway pull to slipway-store in the middle.
 *
 * On the wire (image/wire.h) each request has an "id" that its answers repeat:
 *
 *      {"do": "begin"} + file                  endpoints (image/endpoint.h); first, and no answer
 *      {"do": "manifest", "id", "reference", "known"}  a tag, or "sha256:HEX"
 *              → {"id", "digest", "type", "size"} + file, or {"id", "unchanged": true} when it is still
 * "known"
 *      {"do": "document", "id", "digest", "size"}      a small blob: a config, a signature
 *              → {"id", "digest", "size"} + file
 *      {"do": "referrers", "id", "digest"}     → {"id", "size"} + file, an index
 *      {"do": "tags", "id"}                    → {"id", "size"} + file, {"tags": […]} of all pages
 *      {"do": "url", "id", "url", "limit"}     below a lookaside → {"id", "size"} + file
 *      {"do": "blob", "id", "digest", "size"}  a layer, in the background
 *              → {"id", "bytes"} + file        its beginning, perhaps of an earlier try
 *              → {"id", "bytes"} …             so many bytes of the file are there
 *              → {"id", "bytes", "done": true} all, and with the right digest, the fetcher says
 *              → {"id", "bytes": 0, "restart": true} + file    what came was wrong: anew, in another file
 *      {"do": "cancel", "id"}                  nobody waits for the answer any more; no answer
 *      {"do": "forget", "digest"}              the blob is not needed any more; no answer
 *      {"do": "has", "id", "digest"}           → {"id", "has": true or false}: the registry has the blob
 *      {"do": "put-blob", "id", "digest", "size", "from"} + file
 *              → {"id", "bytes"} …, {"id", "done": true}       "from": another repository that may have it;
 *                                              without a file, only that is tried
 *      {"do": "put-manifest", "id", "reference", "type", "digest"} + file → {"id", "done": true}
 *
 * Any answer may be {"id", "error": {"kind", "errno", "text"}} instead; errno ENOENT means that the registry
 * is well, and has no such thing.
 *
 * Nothing that the fetcher says is believed. Documents are compared with their digests here, layers by who
 * reads them.
 */

#include "image/digest.h"
#include "image/endpoint.h"
#include "image/stream.h"

#define FETCH_SOCKET "/run/slipway/fetch.socket"

typedef struct Fetch Fetch;

/* What came of a document. */
typedef struct Fetched {
        char *text; /* with a NUL behind it; NULL when unchanged */
        size_t size;
        char *media_type; /* what the registry said, NULL if nothing */
        Digest digest;    /* computed here */
        bool unchanged;
} Fetched;

void fetched_done(Fetched *fetched);
#define autofetched AUTO(fetched_done)

/* Starts to listen to a connection. Takes @fd, also on failure. */
int fetch_new(int fd, Fetch **ret);

/* Connects to the system's fetcher, or to the one of a test in $SLIPWAY_FETCH_SOCKET. */
int fetch_connect(Fetch **ret, Fault *fault);

/* Ends whatever is under way, in other threads, too: it fails with -ECANCELED. May be called by any thread.
 */
void fetch_cancel(Fetch *fetch);

/* Gives the connection up, to be handed on; nothing may be under way. Frees @fetch. Return: it. */
int fetch_release(Fetch *fetch);

void fetch_free(Fetch *fetch);
DEFINE_AUTO(Fetch *, fetch_free)
#define autofetch AUTO(fetch_freep)

int fetch_begin(Fetch *fetch, const EndpointList *endpoints, Fault *fault);

/* The following wait for an answer, and may be called by several threads. Return: 0, or -errno with a fault.
 */

/* @known: what the caller has already, NULL for nothing. A reference that is a digest is verified. */
int fetch_manifest(Fetch *fetch, const char *reference, const Digest *known, Fetched *ret, Fault *fault);
int fetch_document(Fetch *fetch, const Digest *digest, int64_t size, Fetched *ret, Fault *fault);
int fetch_referrers(Fetch *fetch, const Digest *digest, Fetched *ret, Fault *fault);
int fetch_tags(Fetch *fetch, Fetched *ret, Fault *fault);
int fetch_url(Fetch *fetch, const char *url, size_t limit, Fetched *ret, Fault *fault);

/* Is told how much of a blob the fetcher has, often, by a thread of its own. */
typedef void FetchProgress(void *data, const Digest *blob, uint64_t bytes);
void fetch_on_progress(Fetch *fetch, FetchProgress *progress, void *data);

/**
 * fetch_blob() - begin to fetch a layer
 * @ret:        reads it as it arrives, waiting where need be; not verified
 *
 * Reading fails with -ESTALE and a fault when the fetcher has found that what came was wrong and begins
 * anew: then all that was read is worth nothing, and fetch_blob() may be called again for the same blob.
 * Freeing the stream before its end cancels the transfer; what came is kept for the next one.
 */
int fetch_blob(Fetch *fetch, const Digest *digest, int64_t size, Stream **ret, Fault *fault);

/* The blob was put to use: the fetcher may remove it. */
int fetch_forget(Fetch *fetch, const Digest *digest);

/* To push. */
int fetch_has(Fetch *fetch, const Digest *digest, bool *ret, Fault *fault);

/* @from: repository on the same registry that may have it, NULL for none.
 * @file: -1 if it can only come from there; -ENOENT when it does not */
int fetch_put_blob(
                Fetch *fetch, int file, const Digest *digest, int64_t size, const char *from, Fault *fault);
int fetch_put_manifest(Fetch *fetch, const char *reference, const char *media_type, const void *text,
                size_t size, Fault *fault);
