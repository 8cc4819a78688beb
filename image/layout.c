/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/layout.h"

#include <string.h>

#include "image/doc.h"
#include "image/manifest-make.h"
#include "image/manifest.h"
#include "image/reference.h"
#include "lib/strv.h"

#define REF_NAME "org.opencontainers.image.ref.name"
#define IMAGE_NAME "io.containerd.image.name"
#define OCI_LAYOUT "{\"imageLayoutVersion\":\"1.0.0\"}"
#define DIR_VERSION "Directory Transport Version: 1.1\n"
#define NAME_MOST (16 + DIGEST_HEX)

static void blob_name(const Layout *layout, const Digest *digest, char ret[NAME_MOST]) {
        (void) snprintf(ret, NAME_MOST, "%s%s", layout->kind == LAYOUT_DIR ? "" : "blobs/sha256/",
                        digest->hex);
}

/* An index that is there already is added to. */
static int read_index(Layout *layout, Fault *fault) {
        autojson json_t *document = NULL;
        autofree char *text = NULL;
        json_t *manifests;
        size_t size;
        int r;

        r = layout->kind == LAYOUT_OCI ? layout->sink->read(layout->sink, "index.json", &text, &size)
                                       : -ENOENT;
        if (r == -ENOENT) {
                layout->index = json_array();
                return layout->index ? 0 : -ENOMEM;
        }
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot read index.json: %s", strerror(-r));
        r = doc_parse(text, size, "index.json", &document, fault);
        if (r < 0)
                return r;
        manifests = json_object_get(document, "manifests");
        if (!json_is_array(manifests))
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "its index.json is not an index");
        layout->index = json_incref(manifests);
        return 0;
}

int layout_begin(Sink *sink, LayoutKind kind, Compression compression, int tmp_fd, Layout *ret,
                Fault *fault) {
        Layout layout = { sink, kind, compression, tmp_fd, NULL, json_array() };
        int r = layout.rows ? read_index(&layout, fault) : -ENOMEM;

        if (r < 0) {
                layout_done(&layout);
                return r;
        }
        *ret = layout;
        return 0;
}

static int put_layer(Layout *layout, const Outgoing *image, size_t i, Blob *blob, Fault *fault) {
        autostream Stream *stream = NULL;
        char name[NAME_MOST];
        int r;

        r = outgoing_blob(image, i, layout->compression, layout->tmp_fd, blob, fault);
        if (r < 0)
                return r;
        blob_name(layout, &blob->digest, name);
        if (layout->sink->has(layout->sink, name, blob->size))
                return 0;
        r = outgoing_open_blob(image, i, blob, &stream, fault);
        return r < 0 ? r : layout->sink->put(layout->sink, name, blob->size, stream, fault);
}

static int put_document(Layout *layout, const Digest *digest, const char *text, size_t size, Fault *fault) {
        char name[NAME_MOST];

        blob_name(layout, digest, name);
        if (layout->sink->has(layout->sink, name, (int64_t) size))
                return 0;
        return sink_put_text(layout->sink, name, text, size, fault);
}

static json_t *annotations_of(const char *name, const char *reference) {
        json_t *object = json_object();

        if (name)
                (void) json_object_set_new(object, IMAGE_NAME, json_string(name));
        if (reference)
                (void) json_object_set_new(object, REF_NAME, json_string(reference));
        return object;
}

/* Another one that has been called so loses that name, and with it its place. */
static void drop(json_t *index, const char *reference, const char *name, const char *digest) {
        size_t i = 0;

        while (i < json_array_size(index)) {
                const json_t *item = json_array_get(index, i),
                             *annotations = json_object_get(item, "annotations");
                const char *its_name = json_string_value(json_object_get(annotations, IMAGE_NAME)),
                           *its_reference = json_string_value(json_object_get(annotations, REF_NAME)),
                           *its_digest = json_string_value(json_object_get(item, "digest"));
                bool same_name = name ? its_name && strcmp(its_name, name) == 0
                                      : reference && its_reference && strcmp(its_reference, reference) == 0;

                if (same_name || (!its_reference && its_digest && strcmp(its_digest, digest) == 0))
                        (void) json_array_remove(index, i);
                else
                        i++;
        }
}

static int add_to_index(
                Layout *layout, const MadeManifest *manifest, const char *name, const char *reference) {
        char digest[DIGEST_HEX + 8];
        json_t *item;

        (void) snprintf(digest, sizeof(digest), "sha256:%s", manifest->digest.hex);
        drop(layout->index, reference, name, digest);
        item = json_pack("{ss ss sI}", "mediaType", manifest->media_type, "digest", digest, "size",
                        (json_int_t) manifest->size);
        if (item && (name || reference))
                (void) json_object_set_new(item, "annotations", annotations_of(name, reference));
        return json_array_append_new(layout->index, item) < 0 ? -ENOMEM : 0;
}

static int add_names(
                Layout *layout, const MadeManifest *manifest, char *const *names, const char *reference) {
        int r = 0;

        if (strv_length(names) == 0)
                return add_to_index(layout, manifest, NULL, reference);
        for (size_t i = 0; names[i] && r >= 0; i++) {
                AUTO(reference_done) Reference parts = {};

                r = reference_parse(names[i], &parts, NULL);
                if (r >= 0)
                        r = add_to_index(layout, manifest, names[i], reference ?: parts.tag);
        }
        return r;
}

/* A name with a digest is none that docker would take. */
static int add_row(Layout *layout, const Outgoing *image, char *const *names, const Blob *blobs) {
        json_t *tags = json_array(), *files = json_array(), *row;
        char name[NAME_MOST];

        for (size_t i = 0; names && names[i]; i++)
                if (!strchr(names[i], '@'))
                        (void) json_array_append_new(tags, json_string(names[i]));
        for (size_t i = 0; i < image->n_layers; i++) {
                blob_name(layout, &blobs[i].digest, name);
                (void) json_array_append_new(files, json_string(name));
        }
        blob_name(layout, &image->id, name);
        row = json_pack("{ss so so}", "Config", name, "RepoTags", tags, "Layers", files);
        return json_array_append_new(layout->rows, row) < 0 ? -ENOMEM : 0;
}

static int add_documents(Layout *layout, const Outgoing *image, char *const *names, const char *reference,
                const Blob *blobs, Digest *ret, Fault *fault) {
        AUTO(made_manifest_done) MadeManifest manifest = {};
        int r;

        if ((r = put_document(layout, &image->id, image->config, image->config_size, fault)) < 0 ||
                        (r = manifest_make(image, blobs, layout->kind == LAYOUT_DIR, &manifest)) < 0)
                return r;
        if (ret)
                *ret = manifest.digest;
        if (layout->kind == LAYOUT_DIR)
                return sink_put_text(layout->sink, "manifest.json", manifest.text, manifest.size, fault);
        if ((r = put_document(layout, &manifest.digest, manifest.text, manifest.size, fault)) < 0 ||
                        (r = add_names(layout, &manifest, names, reference)) < 0)
                return r;
        return add_row(layout, image, names, blobs);
}

int layout_add(Layout *layout, const Outgoing *image, char *const *names, const char *reference, Digest *ret,
                Fault *fault) {
        autofree Blob *blobs = calloc(image->n_layers + 1, sizeof(Blob));
        int r = 0;

        if (!blobs)
                return -ENOMEM;
        for (size_t i = 0; i < image->n_layers && r >= 0; i++) {
                blobs[i] = BLOB_NONE;
                r = put_layer(layout, image, i, &blobs[i], fault);
                blob_close(&blobs[i]);
        }
        return r < 0 ? r : add_documents(layout, image, names, reference, blobs, ret, fault);
}

static int put_json(Layout *layout, const char *name, const json_t *json, Fault *fault) {
        autofree char *text = json ? json_dumps(json, JSON_COMPACT) : NULL;

        return text ? sink_put_text(layout->sink, name, text, strlen(text), fault) : -ENOMEM;
}

int layout_end(Layout *layout, Fault *fault) {
        autojson json_t *index = NULL;
        int r;

        if (layout->kind == LAYOUT_DIR)
                return sink_put_text(layout->sink, "version", DIR_VERSION, strlen(DIR_VERSION), fault);

        index = json_pack("{si ss sO}", "schemaVersion", 2, "mediaType", MEDIA_OCI_INDEX, "manifests",
                        layout->index);
        r = sink_put_text(layout->sink, "oci-layout", OCI_LAYOUT, strlen(OCI_LAYOUT), fault);
        if (r >= 0)
                r = put_json(layout, "index.json", index, fault);
        if (r >= 0 && layout->kind == LAYOUT_DOCKER)
                r = put_json(layout, "manifest.json", layout->rows, fault);
        return r;
}

void layout_done(Layout *layout) {
        json_decref(layout->index);
        json_decref(layout->rows);
        *layout = (Layout){};
}
