/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* OCI layouts (index.json, blobs/sha256/HEX) and skopeo's directories (manifest.json, HEX). */

#include <limits.h>
#include <string.h>

#include "image/doc.h"
#include "image/hash.h"
#include "image/manifest.h"
#include "image/plan.h"
#include "lib/strv.h"

#define INDEX_DEPTH 4

/* Where a blob is. */
typedef struct Layout {
        Source *source;
        const char *blobs;           /* before the digits of the digest */
        const char *manifest_suffix; /* behind them, tried first; NULL for none */

        PlanRead *read; /* instead of all that */
        void *data;
} Layout;

static int blob_file(const Layout *layout, const Digest *digest, char **ret) {
        return asprintf(ret, "%s%s", layout->blobs, digest->hex) < 0 ? -ENOMEM : 0;
}

static int read_file(const Layout *layout, const Digest *what, char **ret, size_t *ret_size, Fault *fault) {
        autofree char *file = NULL;
        int r = blob_file(layout, what, &file);

        if (r < 0)
                return r;
        if (layout->manifest_suffix) {
                autofree char *other = NULL;

                if (asprintf(&other, "%s%s", file, layout->manifest_suffix) < 0)
                        return -ENOMEM;
                if (source_has(layout->source, other)) {
                        free(file);
                        file = TAKE(other);
                }
        }
        return source_read(layout->source, file, ret, ret_size, fault);
}

/* Size before digest, and digest before anybody parses it. */
static int read_blob(const Layout *layout, const Descriptor *what, bool is_manifest, char **ret,
                size_t *ret_size, Fault *fault) {
        autofree char *text = NULL;
        Digest digest;
        size_t size;
        int r;

        if (what->size > DOC_LIMIT)
                return fault_raise(fault, FAULT_VALUE, EFBIG, "document sha256:%.12s… is larger than %u MiB",
                                what->digest.hex, DOC_LIMIT >> 20);
        r = layout->read ? layout->read(layout->data, &what->digest, what->size, is_manifest, &text, &size,
                                           fault)
                         : read_file(layout, &what->digest, &text, &size, fault);
        if (r < 0)
                return r;
        if ((uint64_t) what->size != size)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "'%.200s' has %zu bytes and not %jd",
                                what->digest.hex, size, (intmax_t) what->size);
        r = hash_bytes(text, size, &digest);
        if (r < 0)
                return r;
        if (!digest_equal(&digest, &what->digest))
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG, "'%.200s' has the digest sha256:%s",
                                what->digest.hex, digest.hex);
        *ret = TAKE(text);
        *ret_size = size;
        return 0;
}

/* Whatever is at an address that an image names, it is not for us to go there. */
static int take_place(const Layout *layout, const Descriptor *item, PlanLayer *layer, Fault *fault) {
        if (!layout->read)
                return blob_file(layout, &item->digest, &layer->file);
        if (item->has_urls)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "layer sha256:%.12s… is not in the registry but elsewhere, and is not "
                                "fetched "
                                "from there",
                                item->digest.hex);
        return 0;
}

static int take_layers(const Layout *layout, const Manifest *manifest, Plan *plan, Fault *fault) {
        if (manifest->n_items != plan->n_layers)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "the manifest has %zu layers and the config has %zu", manifest->n_items,
                                plan->n_layers);

        for (size_t i = 0; i < plan->n_layers; i++) {
                const Descriptor *item = &manifest->items[i];
                int r;

                if (!media_type_is_layer(item->media_type))
                        return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                        "'%.100s' is not the media type of a layer", item->media_type);
                r = take_place(layout, item, &plan->layers[i], fault);
                if (r < 0)
                        return r;
                plan->layers[i].blob = item->digest;
                plan->layers[i].size = item->size;
        }
        return 0;
}

static int take_image(const Layout *layout, const Manifest *manifest, const PlanRequest *request, Plan *plan,
                Fault *fault) {
        char *config;
        size_t size;
        int r;

        if (!media_type_is_config(manifest->config.media_type))
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "it is not an image to run: its config is '%.100s'",
                                manifest->config.media_type);
        r = read_blob(layout, &manifest->config, false, &config, &size, fault);
        if (r < 0)
                return r;
        r = plan_take_config(plan, config, size, &manifest->config.digest, request, fault);
        return r < 0 ? r : take_layers(layout, manifest, plan, fault);
}

static int nothing_suits(const Manifest *index, const PlanRequest *request, Fault *fault) {
        const Platform *wanted = request->platform;
        autostrv char **others = NULL;
        autofree char *list = NULL;

        for (size_t i = 0; i < index->n_items; i++) {
                const Descriptor *item = &index->items[i];

                if (!item->is_attestation && item->os && item->architecture &&
                                strv_append(&others,
                                                platform_text(item->os, item->architecture, item->variant)
                                                                .text) < 0)
                        return -ENOMEM;
        }
        list = strv_join(others, ", ");
        return fault_raise(fault, FAULT_MISSING, ENOEXEC, "there is no image for %s in it, only for %.300s",
                        platform_text(wanted->os, wanted->architecture, wanted->variant).text,
                        list && *list ? list : "nothing at all");
}

/* The first of the best. An entry that does not say its platform is taken when no other suits. */
static const Descriptor *choose(const Manifest *index, const PlanRequest *request) {
        const Descriptor *best = NULL;
        int best_rank = INT_MAX;

        for (size_t i = 0; i < index->n_items; i++) {
                const Descriptor *item = &index->items[i];
                int rank = INT_MAX - 1;

                if (item->is_attestation)
                        continue;
                if (item->os && item->architecture)
                        rank = platform_rank(request->platform, item->os, item->architecture, item->variant);
                if (rank >= 0 && rank < best_rank) {
                        best = item;
                        best_rank = rank;
                }
        }
        return best;
}

static int take_descriptor(const Layout *layout, const Descriptor *from, const PlanRequest *request,
                unsigned depth, Plan *plan, Fault *fault);

/* Takes the document, which is as its digest says. */
static int take_document(const Layout *layout, char **text, size_t size, const char *media_type,
                const PlanRequest *request, unsigned depth, Plan *plan, Fault *fault) {
        automanifest Manifest manifest = {};
        const Descriptor *next;
        int r = manifest_parse(*text, size, media_type, &manifest, fault);

        if (r < 0)
                return r;
        if (manifest.kind == MANIFEST_IMAGE) {
                plan->manifest = TAKE(*text);
                plan->manifest_size = size;
                return take_image(layout, &manifest, request, plan, fault);
        }
        next = choose(&manifest, request);
        if (!next)
                return nothing_suits(&manifest, request, fault);
        return take_descriptor(layout, next, request, depth + 1, plan, fault);
}

/* Follows a descriptor through indexes to a manifest. */
static int take_descriptor(const Layout *layout, const Descriptor *from, const PlanRequest *request,
                unsigned depth, Plan *plan, Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        int r;

        if (depth > INDEX_DEPTH)
                return fault_raise(fault, FAULT_HOSTILE, ELOOP, "indexes are nested more than %d deep",
                                INDEX_DEPTH);
        r = read_blob(layout, from, true, &text, &size, fault);
        if (r < 0)
                return r;
        r = plan->top ? plan_add_digest(plan, &from->digest) : plan_take_top(plan, text, size);
        return r < 0 ? r : take_document(layout, &text, size, from->media_type, request, depth, plan, fault);
}

static const char *name_of(const Descriptor *item) {
        return item->image_name ? item->image_name : item->ref_name;
}

static bool is_called(const Descriptor *item, const char *tag) {
        return (item->ref_name && strcmp(item->ref_name, tag) == 0) ||
               (item->image_name && strcmp(item->image_name, tag) == 0);
}

/* Leaves in the index what was asked for, or all if that is one image. */
static int filter(Manifest *index, const char *tag, Fault *fault) {
        autostrv char **names = NULL;
        autofree char *list = NULL;
        size_t kept = 0;

        for (size_t i = 0; i < index->n_items; i++) {
                Descriptor item = index->items[i];
                const char *name = name_of(&item);

                if (name && !strv_find(names, name) && strv_append(&names, name) < 0)
                        return -ENOMEM;
                if (tag && !is_called(&item, tag)) {
                        descriptor_done(&item);
                        continue;
                }
                index->items[kept++] = item;
        }
        index->n_items = kept;

        list = strv_join(names, ", ");
        if (tag && kept == 0)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there is no image '%.100s' in it, only: %.300s", tag,
                                list && *list ? list : "one without a name");
        if (!tag && strv_length(names) > 1)
                return fault_raise(fault, FAULT_CONFLICT, ENOTUNIQ,
                                "there are several images in it; say which one behind a colon: %.300s",
                                list);
        return 0;
}

/* A tag alone is no name: it does not say of what. */
static int take_names(const Descriptor *item, Plan *plan, Fault *fault) {
        if (item->image_name)
                return plan_add_name(plan, item->image_name, fault);
        if (item->ref_name && strpbrk(item->ref_name, "/:"))
                return plan_add_name(plan, item->ref_name, fault);
        return 0;
}

static int check_layout(Source *source, Fault *fault) {
        autofree char *text = NULL, *version = NULL;
        autojson json_t *document = NULL;
        size_t size;
        int r;

        if ((r = source_read(source, "oci-layout", &text, &size, fault)) < 0 ||
                        (r = doc_parse(text, size, "oci-layout", &document, fault)) < 0 ||
                        (r = doc_string(document, "imageLayoutVersion", &version, fault)) < 0)
                return fault_wrap(fault, r, "this is not an OCI image layout");
        if (!version || strncmp(version, "1.", 2) != 0)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "version '%.20s' of the layout is not known", version ? version : "");
        return 0;
}

int plan_oci(Source *source, const PlanRequest *request, Plan *plan, Fault *fault) {
        const Layout layout = { source, "blobs/sha256/" };
        automanifest Manifest index = {};
        autofree char *text = NULL;
        const Descriptor *chosen;
        size_t size;
        int r;

        if ((r = check_layout(source, fault)) < 0 ||
                        (r = source_read(source, "index.json", &text, &size, fault)) < 0 ||
                        (r = manifest_parse(text, size, NULL, &index, fault)) < 0)
                return r;
        if (index.kind != MANIFEST_INDEX)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "index.json is not an index");

        r = filter(&index, request->tag, fault);
        if (r < 0)
                return r;
        chosen = choose(&index, request);
        if (!chosen)
                return nothing_suits(&index, request, fault);
        r = take_names(chosen, plan, fault);
        return r < 0 ? r : take_descriptor(&layout, chosen, request, 0, plan, fault);
}

int plan_dir(Source *source, const PlanRequest *request, Plan *plan, Fault *fault) {
        const Layout layout = { source, "", ".manifest.json" };
        autofree char *text = NULL;
        size_t size;
        int r;

        if (request->tag)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "a 'dir:' holds one image, which has no tag");
        if ((r = source_read(source, "manifest.json", &text, &size, fault)) < 0 ||
                        (r = plan_take_top(plan, text, size)) < 0)
                return r;
        return take_document(&layout, &text, size, NULL, request, 0, plan, fault);
}

int plan_registry(PlanRead *read, void *data, const char *top, size_t size, const char *media_type,
                const PlanRequest *request, Plan *plan, Fault *fault) {
        const Layout layout = { .read = read, .data = data };
        autofree char *text = NULL;
        int r = plan_take_top(plan, top, size);

        if (r < 0)
                return r;
        text = malloc(size + 1);
        if (!text)
                return -ENOMEM;
        memcpy(text, plan->top, size + 1);
        return take_document(&layout, &text, size, media_type, request, 0, plan, fault);
}
