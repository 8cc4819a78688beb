/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* volume.json */

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "image/doc.h"
#include "lib/strv.h"
#include "nspawn-glue/volume/store.h"

static const char *const states[_VOLUME_STATE_MAX] = {
        [VOLUME_FRESH] = "fresh",
        [VOLUME_MOVING] = "moving",
        [VOLUME_READY] = "ready",
};

void volume_config_done(VolumeConfig *config) {
        free(config->image);
        free(config->type);
        free(config->device);
        free(config->options);
        free(config->unit);
        strv_free(config->labels);
        *config = VOLUME_CONFIG_DEFAULT;
}

void volume_close(Volume *volume) {
        fd_closep(&volume->fd);
        free(volume->name);
        volume_config_done(&volume->config);
        *volume = VOLUME_CLOSED;
}

static int read_id(const json_t *root, const char *key, uint32_t *ret, Fault *fault) {
        int64_t number = -1;
        int r = doc_number(root, key, &number, fault);

        if (r >= 0 && number >= (int64_t) VOLUME_NOBODY)
                r = fault_raise(fault, FAULT_SYNTAX, EINVAL, "'%s' is no id", key);
        if (r >= 0)
                *ret = number < 0 ? VOLUME_NOBODY : (uint32_t) number;
        return r;
}

static int read_state(const json_t *root, VolumeState *ret, Fault *fault) {
        autofree char *text = NULL;
        int r = doc_string(root, "state", &text, fault);

        if (r < 0)
                return r;
        for (VolumeState state = 0; state < _VOLUME_STATE_MAX; state++)
                if (text && strcmp(states[state], text) == 0) {
                        *ret = state;
                        return 0;
                }
        return fault_raise(fault, FAULT_SYNTAX, EINVAL, "'state' is none of fresh, moving and ready");
}

static int read_texts(const json_t *root, VolumeConfig *config, Fault *fault) {
        const struct {
                const char *key;
                char **field;
        } texts[] = {
                { "image", &config->image },
                { "type", &config->type },
                { "device", &config->device },
                { "options", &config->options },
                { "unit", &config->unit },
        };
        int r = 0;

        for (size_t i = 0; i < ELEMENTS(texts) && r >= 0; i++)
                r = doc_string(root, texts[i].key, texts[i].field, fault);
        return r < 0 ? r : doc_pairs(root, "labels", &config->labels, fault);
}

static int read_all(const json_t *root, Volume *volume, Fault *fault) {
        VolumeConfig *config = &volume->config;
        int64_t size = 0, copy = 1;
        uint32_t project = VOLUME_NOBODY;
        int r = read_texts(root, config, fault);

        if (r >= 0)
                r = read_state(root, &volume->state, fault);
        if (r >= 0)
                r = read_id(root, "uid", &config->uid, fault);
        if (r >= 0)
                r = read_id(root, "gid", &config->gid, fault);
        if (r >= 0)
                r = read_id(root, "project", &project, fault);
        if (r >= 0)
                r = doc_number(root, "size", &size, fault);
        if (r >= 0)
                r = doc_number(root, "copy", &copy, fault);
        if (r >= 0)
                r = doc_number(root, "created", &volume->created, fault);
        if (r >= 0 && size < 0)
                r = fault_raise(fault, FAULT_SYNTAX, EINVAL, "'size' is less than nothing");
        if (r < 0)
                return r;
        config->size = (uint64_t) size;
        config->no_copy = copy == 0;
        volume->project = project == VOLUME_NOBODY ? 0 : project;
        return 0;
}

int volume_document_parse(char *text, size_t size, Volume *ret, Fault *fault) {
        autojson json_t *root = NULL;
        autovolume Volume volume = VOLUME_CLOSED;
        int r;

        volume.config = VOLUME_CONFIG_DEFAULT;
        r = doc_parse(text, size, "volume.json", &root, fault);
        if (r >= 0)
                r = read_all(root, &volume, fault);
        if (r < 0)
                return r;
        *ret = volume;
        volume = VOLUME_CLOSED;
        return 0;
}

static json_t *pairs(char *const *list) {
        json_t *object = json_object();

        for (; list && *list; list++) {
                size_t n = strcspn(*list, "=");
                autofree char *name = strndup(*list, n);

                if (!name || json_object_set_new(object, name,
                                             json_string((*list)[n] ? *list + n + 1 : "")) < 0) {
                        json_decref(object);
                        return NULL;
                }
        }
        return object;
}

static json_t *number_or_null(uint32_t id) {
        return id == VOLUME_NOBODY ? json_null() : json_integer(id);
}

int volume_document_format(const Volume *volume, char **ret, Fault *fault) {
        const VolumeConfig *config = &volume->config;
        json_error_t error = {};
        autojson json_t *root = json_pack_ex(&error, 0,
                        "{s:s, s:I, s:s?, s:s?, s:s?, s:s?, s:s?, s:o, s:o, s:i, s:I, s:I, s:o}", "state",
                        states[volume->state], "created", (json_int_t) volume->created, "unit", config->unit,
                        "image", config->image, "type", config->type, "device", config->device, "options",
                        config->options, "uid", number_or_null(config->uid), "gid",
                        number_or_null(config->gid), "copy", config->no_copy ? 0 : 1, "size",
                        (json_int_t) config->size, "project", (json_int_t) volume->project, "labels",
                        pairs(config->labels));

        if (!root)
                return fault_raise(fault, FAULT_VALUE, EILSEQ,
                                "what volume '%.100s' is to be is no text in UTF-8, or too much",
                                volume->name);
        *ret = json_dumps(root, JSON_INDENT(2));
        return *ret ? 0 : -ENOMEM;
}
