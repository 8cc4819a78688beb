/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Lists, which come in pages: tags, and what refers to an image. */

#include <string.h>

#include "image/doc.h"
#include "image/registry/serve.h"
#include "image/registry/url.h"
#include "lib/strv.h"

#define PAGES_LIMIT 1000
#define ITEMS_LIMIT 100000

typedef struct Listing {
        char path[160]; /* of the first page */
        const char *what;
        const char *key; /* of the array in each page */
        char **headers;
        char other_path[96]; /* to be tried when there is no such thing; empty for none */
        json_t *first;       /* page, in which the items of the others come */
} Listing;

static void listing_done(Listing *listing) {
        strv_free(listing->headers);
        json_decref(listing->first);
}

/* Link: </v2/…>; rel="next". Return: 1 with an address at the same place, 0 when this was the last page. */
static int next_page(const HttpReply *reply, char **ret, Fault *fault) {
        const char *link = http_header(reply, "link"), *end = link ? strchr(link, '>') : NULL;
        autofree char *place = NULL, *url = NULL;
        int r;

        if (!end || *link != '<' || !(strstr(end, "rel=\"next\"") || strstr(end, "rel=next")))
                return 0;
        place = strndup(link + 1, (size_t) (end - link - 1));
        if (!place)
                return -ENOMEM;
        r = url_resolve(reply->url, place, &url, fault);
        if (r < 0)
                return r;
        if (!url_is_same_origin(url, reply->url))
                return fault_raise(fault, FAULT_HOSTILE, EREMCHG, "the next page would be at '%.200s'", url);
        *ret = TAKE(url);
        return 1;
}

static int add_page(Listing *listing, const HttpReply *reply, Fault *fault) {
        autojson json_t *page = NULL;
        const json_t *items = NULL;
        int r;

        if ((r = doc_parse(reply->body ? reply->body : "", reply->size, listing->what, &page, fault)) < 0 ||
                        (r = doc_array(page, listing->key, &items, fault)) < 0)
                return r;
        if (!listing->first) {
                if (!items && json_object_set_new(page, listing->key, json_array()) < 0)
                        return -ENOMEM;
                listing->first = TAKE(page);
                return 0;
        }
        if (!items)
                return 0;
        if (json_array_size(items) + json_array_size(json_object_get(listing->first, listing->key)) >
                        ITEMS_LIMIT)
                return fault_raise(fault, FAULT_HOSTILE, EFBIG, "%s is longer than %u items", listing->what,
                                ITEMS_LIMIT);
        return json_array_extend(json_object_get(listing->first, listing->key), (json_t *) items) < 0
                               ? -ENOMEM
                               : 0;
}

static int get_pages(Registry *registry, Listing *listing, const char *path, Fault *fault) {
        autofree char *url = NULL;
        int r;

        for (unsigned n = 0; n < PAGES_LIMIT; n++) {
                autoreply HttpReply reply = {};
                RegistryCall call = {
                        .path = path,
                        .url = url,
                        .what = listing->what,
                        .headers = listing->headers,
                        .limit = DOC_LIMIT,
                        .body_fd = -1,
                };

                if ((r = registry_ask(registry, &call, &reply, fault)) < 0 ||
                                (r = add_page(listing, &reply, fault)) < 0)
                        return r;
                free(TAKE(url));
                r = next_page(&reply, &url, fault);
                if (r <= 0)
                        return r;
        }
        return fault_raise(fault, FAULT_HOSTILE, EFBIG, "%s has more than %u pages", listing->what,
                        PAGES_LIMIT);
}

static int get_listing(Registry *registry, void *data, Fault *fault) {
        Listing *listing = data;
        int r;

        json_decref(TAKE(listing->first));
        r = get_pages(registry, listing, listing->path, fault);
        if (r != -ENOENT || !*listing->other_path)
                return r;
        fault_clear(fault);
        return get_pages(registry, listing, listing->other_path, fault);
}

static int answer_listing(const Job *job, json_t *document) {
        autofree char *text = json_dumps(document, JSON_COMPACT);

        if (!text)
                return -ENOMEM;
        return job_answer_text(
                        job, json_pack("{s:I}", "size", (json_int_t) strlen(text)), text, strlen(text));
}

int do_tags(Job *job, Fault *fault) {
        AUTO(listing_done)
        Listing listing = { .path = "tags/list?n=1000", .what = "list of tags", .key = "tags" };
        json_t *tags;
        int r;

        r = try_registries(job->server, get_listing, &listing, "cannot get the list of tags", fault);
        if (r < 0)
                return r;
        tags = json_pack("{s:O}", "tags", json_object_get(listing.first, "tags"));
        json_decref(listing.first);
        listing.first = tags;
        return tags ? answer_listing(job, tags) : -ENOMEM;
}

/* Registries that do not know the question may have the answer as a tag, which who signs has made. */
int do_referrers(Job *job, Fault *fault) {
        AUTO(listing_done) Listing listing = { .what = "list of referrers", .key = "manifests" };
        Digest digest;
        int r;

        r = job_digest(job, &digest, fault);
        if (r < 0)
                return r;
        (void) snprintf(listing.path, sizeof(listing.path), "referrers/sha256:%s", digest.hex);
        (void) snprintf(listing.other_path, sizeof(listing.other_path), "manifests/sha256-%s", digest.hex);
        r = strv_append(&listing.headers, "Accept: application/vnd.oci.image.index.v1+json");
        if (r < 0)
                return r;
        r = try_registries(job->server, get_listing, &listing, "cannot get the list of referrers", fault);
        return r < 0 ? r : answer_listing(job, listing.first);
}
