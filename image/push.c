/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/push.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "image/manifest-make.h"
#include "image/manifest.h"
#include "image/wire.h"

#define THREADS 3

typedef struct Push {
        Fetch *fetch;
        const Outgoing *image;
        const PushRequest *request;
        Manifest original; /* no items if it is not about these layers */
        Blob *blobs;

        pthread_mutex_t mutex;
        size_t next; /* layer that nobody works on yet */
        PushResult result;
        int failed; /* the first failure, with its fault */
        Fault *fault;
} Push;

/* Whether the registry has a blob, or can take it from its own other repository. */
static int is_there(Push *push, const Digest *digest, int64_t size, bool *ret, Fault *fault) {
        int r = fetch_has(push->fetch, digest, ret, fault);

        if (r < 0 || *ret || !push->request->from)
                return r;
        r = fetch_put_blob(push->fetch, -1, digest, size, push->request->from, fault);
        if (r < 0 && r != -ENOENT)
                return r;
        *ret = r >= 0;
        if (r < 0)
                fault_clear(fault);
        return 0;
}

static Compression compression_of_type(const char *media_type) {
        const char *end = media_type ? media_type + strlen(media_type) : NULL;

        if (end && end - media_type > 5 && strcmp(end - 4, "gzip") == 0)
                return COMPRESSION_GZIP;
        return end && end - media_type > 5 && strcmp(end - 4, "zstd") == 0 ? COMPRESSION_ZSTD
                                                                           : COMPRESSION_NONE;
}

/* The layer as it came. */
static int try_original(Push *push, size_t i, Blob *ret, bool *ret_there, Fault *fault) {
        const PushRequest *request = push->request;
        const Descriptor *item;
        Compression compression;
        int r;

        *ret_there = false;
        if (push->original.n_items == 0)
                return 0;
        item = &push->original.items[i];
        compression = compression_of_type(item->media_type);
        if (request->compression_is_given && request->compression != compression)
                return 0;
        r = is_there(push, &item->digest, item->size, ret_there, fault);
        if (r >= 0 && *ret_there)
                *ret = (Blob){ item->digest, item->size, -1, compression };
        return r;
}

/* The layer as an earlier push has made it. */
static int try_known(Push *push, size_t i, Blob *ret, bool *ret_there, Fault *fault) {
        Blob blob;

        *ret_there = false;
        if (outgoing_known_blob(push->image, i, push->request->compression, &blob) < 0)
                return 0;
        *ret = blob;
        return is_there(push, &blob.digest, blob.size, ret_there, fault);
}

/* Who sends it need not be able to write it. */
static int reopen(int fd) {
        char path[32];
        int file;

        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        file = open(path, O_RDONLY | O_CLOEXEC);
        return file < 0 ? -errno : file;
}

static int send_layer(Push *push, size_t i, Blob *ret, bool *ret_sent, Fault *fault) {
        autoblob Blob blob = BLOB_NONE;
        autofd int file = -1;
        bool there;
        int r = outgoing_spool(
                        push->image, i, push->request->compression, push->request->tmp_fd, &blob, fault);

        if (r < 0)
                return r;
        r = is_there(push, &blob.digest, blob.size, &there, fault);
        if (r < 0)
                return r;
        if (!there) {
                r = file = reopen(blob.fd);
                if (r >= 0)
                        r = fetch_put_blob(push->fetch, file, &blob.digest, blob.size, NULL, fault);
        }
        if (r < 0)
                return r;
        *ret_sent = !there;
        *ret = (Blob){ blob.digest, blob.size, -1, blob.compression };
        return 0;
}

static int push_layer(Push *push, size_t i, bool *ret_sent, Fault *fault) {
        Blob *blob = &push->blobs[i];
        bool there;
        int r;

        *ret_sent = false;
        r = try_original(push, i, blob, &there, fault);
        if (r < 0 || there)
                return r;
        r = try_known(push, i, blob, &there, fault);
        if (r < 0 || there)
                return r;
        return send_layer(push, i, blob, ret_sent, fault);
}

static void account(Push *push, size_t i, int r, bool was_sent, const Fault *fault) {
        const PushRequest *request = push->request;

        if (r < 0 && push->failed == 0) {
                push->failed = r;
                if (push->fault)
                        *push->fault = *fault;
                (void) fault_wrap(push->fault, r, "layer %zu of %zu", i + 1, push->image->n_layers);
        }
        if (r < 0)
                return;
        push->result.n_sent += was_sent;
        push->result.bytes += was_sent ? (uint64_t) push->blobs[i].size : 0;
        if (request->done)
                request->done(request->data, i, push->image->n_layers, &push->blobs[i], was_sent);
}

static void *work(void *arg) {
        Push *push = arg;

        pthread_mutex_lock(&push->mutex);
        while (push->failed == 0 && push->next < push->image->n_layers) {
                size_t i = push->next++;
                Fault fault = {};
                bool was_sent = false;
                int r;

                pthread_mutex_unlock(&push->mutex);
                r = push_layer(push, i, &was_sent, &fault);
                pthread_mutex_lock(&push->mutex);
                account(push, i, r, was_sent, &fault);
        }
        pthread_mutex_unlock(&push->mutex);
        return NULL;
}

/* Signals are for the thread that started us. */
static int push_layers(Push *push) {
        pthread_t threads[THREADS];
        sigset_t all, before;
        size_t n = 0;

        (void) sigfillset(&all);
        (void) pthread_sigmask(SIG_SETMASK, &all, &before);
        while (n < THREADS && n < push->image->n_layers &&
                        pthread_create(&threads[n], NULL, work, push) == 0)
                n++;
        (void) pthread_sigmask(SIG_SETMASK, &before, NULL);
        if (n == 0)
                (void) work(push);
        for (size_t i = 0; i < n; i++)
                (void) pthread_join(threads[i], NULL);
        return push->failed;
}

static int push_config(Push *push, Fault *fault) {
        const Outgoing *image = push->image;
        autofd int file = -1;
        int r;

        file = wire_document(image->config, image->config_size);
        if (file < 0)
                return file;
        r = fetch_put_blob(push->fetch, file, &image->id, (int64_t) image->config_size, NULL, fault);
        return r < 0 ? fault_wrap(fault, r, "config") : 0;
}

static bool is_docker(const Push *push) {
        return push->original.config.media_type && strstr(push->original.config.media_type, "docker");
}

static int push_manifest(Push *push, Fault *fault) {
        const char *reference = push->request->reference;
        AUTO(made_manifest_done) MadeManifest manifest = {};
        int r;

        r = manifest_make(push->image, push->blobs, is_docker(push), &manifest);
        if (r < 0)
                return r;
        push->result.manifest = manifest.digest;
        if (strncmp(reference, "sha256:", strlen("sha256:")) == 0 &&
                        strcmp(reference + strlen("sha256:"), manifest.digest.hex) != 0)
                return fault_raise(fault, FAULT_VALUE, EINVAL,
                                "the manifest has the digest sha256:%s and not %s; push it to a tag",
                                manifest.digest.hex, reference);
        return fetch_put_manifest(
                        push->fetch, reference, manifest.media_type, manifest.text, manifest.size, fault);
}

/* What the image's manifest says is of use if it is about the same layers, however compressed. */
static void read_original(Push *push) {
        const Outgoing *image = push->image;
        automanifest Manifest manifest = {};

        if (manifest_parse(image->manifest, image->manifest_size, NULL, &manifest, NULL) < 0 ||
                        manifest.kind != MANIFEST_IMAGE || manifest.n_items != image->n_layers ||
                        !digest_equal(&manifest.config.digest, &image->id))
                return;
        push->original = manifest;
        manifest = (Manifest){};
}

int image_push(Fetch *fetch, const Outgoing *image, const PushRequest *request, PushResult *ret,
                Fault *fault) {
        Push push = { .fetch = fetch, .image = image, .request = request, .fault = fault };
        int r;

        push.blobs = calloc(image->n_layers + 1, sizeof(Blob));
        if (!push.blobs)
                return -ENOMEM;
        (void) pthread_mutex_init(&push.mutex, NULL);
        read_original(&push);
        if ((r = push_layers(&push)) >= 0 && (r = push_config(&push, fault)) >= 0)
                r = push_manifest(&push, fault);
        pthread_mutex_destroy(&push.mutex);
        manifest_done(&push.original);
        free(push.blobs);
        if (r < 0)
                return r;
        *ret = push.result;
        return 0;
}
