/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/image-rows.h"

#include <jansson.h>
#include <string.h>

#include "image/doc.h"
#include "image/hash.h"
#include "lib/io.h"
#include "lib/strv.h"

static int load_manifest(Store *store, ImageRow *row, Fault *fault) {
        char path[64 + DIGEST_HEX];
        autofree char *text = NULL;
        size_t size;
        int r;

        (void) snprintf(path, sizeof(path), "images/%s/manifest.json", row->image.id.hex);
        r = io_read_file(store->fd, path, DOC_LIMIT, &text, &size);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read '%s/%s'", store->path, path);
        return hash_bytes(text, size, &row->manifest);
}

static int load_layers(Store *store, ImageRow *row, Fault *fault) {
        row->layers = calloc(row->image.n_layers + 1, sizeof(LayerInfo));
        if (!row->layers)
                return -ENOMEM;
        for (size_t i = 0; i < row->image.n_layers; i++) {
                int r = store_layer_info(store, &row->image.layers[i], &row->layers[i], fault);

                if (r < 0)
                        return r;
                row->size += row->layers[i].size;
        }
        return 0;
}

int image_row_load(Store *store, const Digest *id, const NameList *names, ImageRow *ret, Fault *fault) {
        AUTO(image_row_done) ImageRow row = {};
        int r;

        if ((r = image_load(store, id, &row.image, fault)) < 0 ||
                        (r = load_manifest(store, &row, fault)) < 0 ||
                        (r = load_layers(store, &row, fault)) < 0)
                return r;
        for (size_t i = 0; i < names->n && r >= 0; i++)
                if (digest_equal(&names->items[i].id, id))
                        r = strv_append(&row.names, names->items[i].name);
        if (r < 0)
                return r;

        *ret = row;
        row = (ImageRow){};
        return 0;
}

static json_t *digest_json(const Digest *digest) {
        return json_sprintf("sha256:%s", digest->hex);
}

static json_t *list_json(char *const *list) {
        json_t *array = json_array();

        for (size_t i = 0; list && list[i]; i++)
                (void) json_array_append_new(array, json_string(list[i]));
        return array;
}

static json_t *pairs_json(char *const *list) {
        json_t *object = json_object();

        for (size_t i = 0; list && list[i]; i++) {
                const char *equals = strchrnul(list[i], '=');
                autofree char *key = strndup(list[i], (size_t) (equals - list[i]));

                if (key)
                        (void) json_object_set_new(object, key, json_string(*equals ? equals + 1 : ""));
        }
        return object;
}

static json_t *layers_json(const ImageRow *row) {
        json_t *array = json_array();

        for (size_t i = 0; i < row->image.n_layers; i++)
                (void) json_array_append_new(array,
                                json_pack("{so so sI sI}", "chain_id", digest_json(&row->image.layers[i]),
                                                "diff_id", digest_json(&row->layers[i].diff_id), "size",
                                                (json_int_t) row->layers[i].size, "entries",
                                                (json_int_t) row->layers[i].entries));
        return array;
}

/* Seconds, as in manifests; what the image leaves to the default is null. */
static json_t *time_json(uint64_t usec) {
        return usec > 0 ? json_real((double) usec / 1e6) : json_null();
}

static json_t *health_json(const ImageHealth *health) {
        if (!health->test)
                return json_null();
        return json_pack("{so so so so so so}", "test", list_json(health->test), "interval",
                        time_json(health->interval), "timeout", time_json(health->timeout), "start_period",
                        time_json(health->start_period), "start_interval", time_json(health->start_interval),
                        "retries",
                        health->retries > 0 ? json_integer((json_int_t) health->retries) : json_null());
}

static json_t *config_json(const ImageConfig *config) {
        return json_pack("{so so so ss? ss? ss? so so so so}", "entrypoint", list_json(config->entrypoint),
                        "cmd", list_json(config->cmd), "env", list_json(config->env), "user", config->user,
                        "workdir", config->workdir, "stop_signal", config->stop_signal, "volumes",
                        list_json(config->volumes), "exposed_ports", list_json(config->exposed_ports),
                        "labels", pairs_json(config->labels), "healthcheck", health_json(&config->health));
}

json_t *image_row_json(const ImageRow *row, bool brief) {
        const ImageConfig *config = &row->image.config;
        json_t *json = json_pack("{so so so ss? ss? ss? ss? sI}", "id", digest_json(&row->image.id), "names",
                        list_json(row->names), "digest", digest_json(&row->manifest), "created",
                        config->created, "os", config->os, "architecture", config->architecture, "variant",
                        config->variant, "size", (json_int_t) row->size);

        if (brief)
                (void) json_object_set_new(json, "layers", json_integer((json_int_t) row->image.n_layers));
        else {
                (void) json_object_set_new(json, "config", config_json(config));
                (void) json_object_set_new(json, "layers", layers_json(row));
        }
        return json;
}

void image_row_done(ImageRow *row) {
        image_done(&row->image);
        strv_free(row->names);
        free(row->layers);
        *row = (ImageRow){};
}
