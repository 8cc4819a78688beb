/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/pull/tell.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "image/wire.h"

#define BETWEEN_MS 100

/* A client that has stood still for so long is as good as gone. */
#define PATIENCE_SECONDS 10

typedef struct LayerProgress {
        uint64_t fetched, unpacked;
        int64_t last_ms; /* when it was told last */
        bool done;
} LayerProgress;

struct Tell {
        int fd;
        pthread_mutex_t mutex;
        LayerProgress *layers;
        size_t n;
};

int tell_new(int fd, Tell **ret) {
        const struct timeval patience = { .tv_sec = PATIENCE_SECONDS };
        Tell *tell;

        if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
                return -errno;
        tell = calloc(1, sizeof(Tell));
        if (!tell)
                return -ENOMEM;
        tell->fd = fd;
        (void) pthread_mutex_init(&tell->mutex, NULL);
        *ret = tell;
        return 0;
}

void tell_free(Tell *tell) {
        (void) pthread_mutex_destroy(&tell->mutex);
        free(tell->layers);
        free(tell);
}

static json_t *digest_json(const Digest *digest) {
        return json_sprintf("sha256:%s", digest->hex);
}

int tell_layers(Tell *tell, const Importer *importer) {
        json_t *list = json_array();

        for (size_t i = 0; i < importer->n_work && list; i++) {
                const PlanLayer *layer = &importer->plan.layers[i];

                if (json_array_append_new(
                                    list, json_pack("{s:o, s:I, s:b}", "digest", digest_json(&layer->blob),
                                                          "size", (json_int_t) layer->size, "have",
                                                          importer->work[i].state == LAYER_COMPLETE)) < 0) {
                        json_decref(list);
                        return -ENOMEM;
                }
        }
        tell->layers = calloc(importer->n_work + 1, sizeof(LayerProgress));
        if (!tell->layers) {
                json_decref(list);
                return -ENOMEM;
        }
        tell->n = importer->n_work;
        return wire_send_new(tell->fd, json_pack("{s:o}", "layers", list), NULL, 0);
}

static int64_t now_ms(void) {
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool has_time(const Tell *tell) {
        struct pollfd fd = { tell->fd, POLLOUT, 0 };

        return poll(&fd, 1, 0) > 0 && (fd.revents & POLLOUT);
}

static void tell_progress(Tell *tell, size_t i) {
        LayerProgress *layer = &tell->layers[i];
        int64_t now = now_ms();

        if (layer->done || now - layer->last_ms < BETWEEN_MS || !has_time(tell))
                return;
        layer->last_ms = now;
        (void) wire_send_new(tell->fd,
                        json_pack("{s:I, s:I, s:I}", "layer", (json_int_t) i, "fetched",
                                        (json_int_t) layer->fetched, "unpacked",
                                        (json_int_t) layer->unpacked),
                        NULL, 0);
}

void tell_fetched(Tell *tell, size_t i, uint64_t bytes) {
        pthread_mutex_lock(&tell->mutex);
        tell->layers[i].fetched = bytes;
        tell_progress(tell, i);
        pthread_mutex_unlock(&tell->mutex);
}

void tell_unpacked(Tell *tell, size_t i, uint64_t bytes) {
        pthread_mutex_lock(&tell->mutex);
        tell->layers[i].unpacked = bytes;
        tell_progress(tell, i);
        pthread_mutex_unlock(&tell->mutex);
}

void tell_done(Tell *tell, size_t i) {
        pthread_mutex_lock(&tell->mutex);
        tell->layers[i].done = true;
        (void) wire_send_new(
                        tell->fd, json_pack("{s:I, s:b}", "layer", (json_int_t) i, "done", true), NULL, 0);
        pthread_mutex_unlock(&tell->mutex);
}

void tell_again(Tell *tell, size_t i, const char *why) {
        pthread_mutex_lock(&tell->mutex);
        tell->layers[i] = (LayerProgress){};
        (void) wire_send_new(tell->fd,
                        json_pack("{s:I, s:s%}", "layer", (json_int_t) i, "again", why, strlen(why)), NULL,
                        0);
        pthread_mutex_unlock(&tell->mutex);
}

void tell_note(Tell *tell, const char *text) {
        (void) wire_send_new(tell->fd, json_pack("{s:s}", "note", text), NULL, 0);
}

static json_t *names_json(char *const *names) {
        json_t *list = json_array();

        for (size_t i = 0; names && names[i]; i++)
                (void) json_array_append_new(list, json_string(names[i]));
        return list;
}

void tell_end(Tell *tell, const ImportResult *result, const char *rule, const char *key) {
        json_t *end = json_pack("{s:{s:o, s:o, s:I, s:I, s:I, s:i, s:i, s:s*, s:s*}}", "end", "id",
                        digest_json(&result->id), "names", names_json(result->names), "layers",
                        (json_int_t) result->n_layers, "new", (json_int_t) result->n_new, "bytes",
                        (json_int_t) result->bytes, "devices", (int) result->devices, "attributes",
                        (int) result->attributes, "rule", rule, "key", key);

        (void) wire_send_new(tell->fd, end, NULL, 0);
}

void tell_fault(Tell *tell, const Fault *fault) {
        (void) wire_send_new(tell->fd, wire_fault(fault), NULL, 0);
}
