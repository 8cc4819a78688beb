/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/outgoing.h"

#include <fcntl.h>
#include <string.h>

#include "image/change.h"
#include "image/doc.h"
#include "image/list.h"
#include "image/lookup.h"
#include "image/reassemble.h"
#include "image/verified.h"
#include "lib/io.h"

#define BLOBS_FILE "blobs.json"
#define BLOBS_LIMIT 4096
#define PIECE (256 * 1024)

static int read_document(Store *store, const Digest *id, const char *name, char **ret, size_t *ret_size,
                Fault *fault) {
        char path[32 + DIGEST_HEX];
        int r;

        (void) snprintf(path, sizeof(path), "images/%s/%s", id->hex, name);
        r = io_read_file(store->fd, path, DOC_LIMIT, ret, ret_size);
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot read '%.200s/%s': %s", store->path, path,
                                       strerror(-r))
                     : 0;
}

static int read_documents(Store *store, Outgoing *image, Fault *fault) {
        Digest digest;
        int r;

        if ((r = read_document(store, &image->id, "config.json", &image->config, &image->config_size,
                             fault)) < 0 ||
                        (r = read_document(store, &image->id, "manifest.json", &image->manifest,
                                         &image->manifest_size, fault)) < 0 ||
                        (r = hash_bytes(image->config, image->config_size, &digest)) < 0)
                return r;
        if (!digest_equal(&digest, &image->id))
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "the config of image %.12s has been changed, see slipway-fsck(1)",
                                image->id.hex);
        return 0;
}

static int pin_layer(Store *store, const Image *from, size_t i, Outgoing *image, Fault *fault) {
        OutgoingLayer *layer = &image->layers[i];
        LayerInfo info = {};
        int r;

        layer->chain_id = from->layers[i];
        layer->fd = store_pin(store, &layer->chain_id);
        if (layer->fd < 0)
                return store_failed(store, layer->fd, "open a layer", fault);
        r = store_layer_info(store, &layer->chain_id, &info, fault);
        if (r < 0)
                return r;
        layer->diff_id = info.diff_id;
        layer->size = info.archive_size;
        if (!digest_equal(&layer->diff_id, &from->config.diff_ids[i]))
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "layer %.12s is not the one that the image wants, see slipway-fsck(1)",
                                layer->chain_id.hex);
        return 0;
}

static int pin_layers(Store *store, const Image *from, Outgoing *image, Fault *fault) {
        if (from->n_layers != from->config.n_diff_ids)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "image %.12s is not whole, see slipway-fsck(1)", image->id.hex);
        image->layers = calloc(from->n_layers + 1, sizeof(OutgoingLayer));
        if (!image->layers)
                return -ENOMEM;
        for (; image->n_layers < from->n_layers; image->n_layers++) {
                int r = pin_layer(store, from, image->n_layers, image, fault);

                if (r < 0) {
                        image->n_layers += image->layers[image->n_layers].fd >= 0;
                        return r;
                }
        }
        return 0;
}

/* Told before anything is written. */
static int check_recipes(const Outgoing *image, const char *text, Fault *fault) {
        for (size_t i = 0; i < image->n_layers; i++)
                if (!reassemble_is_possible(image->layers[i].fd))
                        return reassemble_missing(text, &image->layers[i].chain_id, fault);
        return 0;
}

static int open_locked(Store *store, const char *text, Outgoing *image, Fault *fault) {
        autoimage Image from = {};
        int r;

        r = image_lookup(store, text, &from, fault);
        if (r < 0)
                return r;
        image->id = from.id;
        image->name = TAKE(from.name);
        r = read_documents(store, image, fault);
        return r < 0 ? r : pin_layers(store, &from, image, fault);
}

int outgoing_open(Store *store, const char *text, Outgoing *ret, Fault *fault) {
        autooutgoing Outgoing image = {};
        int r = store_lock(store, STORE_SHARED, fault);

        if (r < 0)
                return r;
        r = open_locked(store, text, &image, fault);
        store_unlock(store);
        if (r >= 0)
                r = check_recipes(&image, text, fault);
        if (r < 0)
                return r;
        *ret = image;
        image = (Outgoing){};
        return 0;
}

int outgoing_layer(const Outgoing *image, size_t i, Stream **ret, Fault *fault) {
        const OutgoingLayer *layer = &image->layers[i];
        char what[64];
        Stream *stream;
        int r;

        r = reassemble_open(layer->fd, &stream, NULL, fault);
        if (r == -ENODATA)
                return reassemble_missing(image->name ?: image->id.hex, &layer->chain_id, fault);
        if (r < 0)
                return fault_wrap(fault, r, "layer %.12s", layer->chain_id.hex);
        (void) snprintf(what, sizeof(what), "layer %.12s in the store", layer->chain_id.hex);
        *ret = stream_new_verified(stream, &layer->diff_id, layer->size, what);
        return *ret ? 0 : -ENOMEM;
}

static int write_all_of(Stream *from, int fd, Fault *fault) {
        autofree char *buffer = malloc(PIECE);
        ssize_t n;

        if (!buffer)
                return -ENOMEM;
        while ((n = stream_read(from, buffer, PIECE, fault)) > 0) {
                int r = io_write_all(fd, buffer, (size_t) n);

                if (r < 0)
                        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot write the compressed layer: %s",
                                        strerror(-r));
        }
        return (int) n;
}

/* The same bytes will be made again, so who asks whether somebody has them need not make them. */
static void remember(const OutgoingLayer *layer, Compression compression, const Blob *blob) {
        autofree char *text = NULL;
        autojson json_t *blobs = NULL;
        char digest[DIGEST_HEX + 8];
        size_t size;

        if (io_read_file(layer->fd, BLOBS_FILE, BLOBS_LIMIT, &text, &size) < 0 ||
                        doc_parse(text, size, BLOBS_FILE, &blobs, NULL) < 0)
                blobs = json_object();
        free(text);
        (void) snprintf(digest, sizeof(digest), "sha256:%s", blob->digest.hex);
        (void) json_object_set_new(blobs, compression_to_word(compression),
                        json_pack("{ss sI}", "digest", digest, "size", (json_int_t) blob->size));
        text = json_dumps(blobs, JSON_COMPACT);
        if (text)
                (void) io_replace_file(layer->fd, BLOBS_FILE, text, strlen(text), 0600);
}

int outgoing_known_blob(const Outgoing *image, size_t i, Compression compression, Blob *ret) {
        autofree char *text = NULL, *digest = NULL;
        const json_t *known = NULL;
        autojson json_t *blobs = NULL;
        Blob blob = { .size = -1, .fd = -1, .compression = compression };
        size_t size;
        int r;

        if (compression == COMPRESSION_NONE) {
                *ret = (Blob){ image->layers[i].diff_id, image->layers[i].size, -1, COMPRESSION_NONE };
                return 0;
        }
        if ((r = io_read_file(image->layers[i].fd, BLOBS_FILE, BLOBS_LIMIT, &text, &size)) < 0 ||
                        (r = doc_parse(text, size, BLOBS_FILE, &blobs, NULL)) < 0 ||
                        (r = doc_object(blobs, compression_to_word(compression), &known, NULL)) < 0 ||
                        (r = doc_string(known, "digest", &digest, NULL)) < 0 ||
                        (r = doc_number(known, "size", &blob.size, NULL)) < 0)
                return r;
        if (!digest || blob.size < 0)
                return -ENOENT;
        r = digest_parse(digest, &blob.digest, NULL);
        if (r < 0)
                return r;
        *ret = blob;
        return 0;
}

int outgoing_spool(const Outgoing *image, size_t i, Compression compression, int dir_fd, Blob *ret,
                Fault *fault) {
        AUTO(hash_freep) Hash *hash = hash_new();
        Passed passed = { .hash = hash };
        autostream Stream *stream = NULL;
        autoblob Blob blob = BLOB_NONE;
        int r;

        if (!hash)
                return -ENOMEM;
        r = outgoing_layer(image, i, &stream, fault);
        if (r < 0)
                return r;
        stream = stream_new_encoder(TAKE(stream), compression);
        if (stream)
                stream = stream_new_tap(TAKE(stream), &passed, UINT64_MAX, "the layer");
        if (!stream)
                return -ENOMEM;

        blob.fd = openat(dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (blob.fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno,
                                "cannot make a file for the compressed layer: %s", strerror(errno));
        if ((r = write_all_of(stream, blob.fd, fault)) < 0 || (r = hash_finish(hash, &blob.digest)) < 0)
                return r;
        blob.size = (int64_t) passed.bytes;
        blob.compression = compression;
        if (compression != COMPRESSION_NONE)
                remember(&image->layers[i], compression, &blob);
        *ret = blob;
        blob = BLOB_NONE;
        return 0;
}

int outgoing_blob(const Outgoing *image, size_t i, Compression compression, int dir_fd, Blob *ret,
                Fault *fault) {
        return compression == COMPRESSION_NONE ? outgoing_known_blob(image, i, compression, ret)
                                               : outgoing_spool(image, i, compression, dir_fd, ret, fault);
}

int outgoing_open_blob(const Outgoing *image, size_t i, const Blob *blob, Stream **ret, Fault *fault) {
        if (blob->fd < 0)
                return outgoing_layer(image, i, ret, fault);
        *ret = stream_new_file(blob->fd, 0);
        return *ret ? 0 : -ENOMEM;
}

void blob_close(Blob *blob) {
        if (blob->fd >= 0)
                (void) close(blob->fd);
        blob->fd = -1;
}

void blob_done(Blob *blob) {
        blob_close(blob);
        *blob = BLOB_NONE;
}

void outgoing_done(Outgoing *image) {
        for (size_t i = 0; i < image->n_layers; i++)
                if (image->layers[i].fd >= 0)
                        (void) close(image->layers[i].fd);
        free(image->layers);
        free(image->name);
        free(image->config);
        free(image->manifest);
        *image = (Outgoing){};
}
