/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What "docker save" writes: manifest.json with a row for each image, whatever the files are called. */

#include <string.h>

#include "image/doc.h"
#include "image/plan.h"
#include "image/reference.h"
#include "lib/strv.h"

#define BLOBS "blobs/sha256/"

/* One image of the archive. */
typedef struct Row {
        char *config;
        char **tags, **layers;
} Row;

static void row_done(Row *row) {
        free(row->config);
        strv_free(row->tags);
        strv_free(row->layers);
        *row = (Row){};
}

static int read_row(const json_t *object, Row *row, Fault *fault) {
        int r;

        if (!json_is_object(object))
                return fault_raise(
                                fault, FAULT_SYNTAX, EINVAL, "manifest.json has an image that is no object");
        if ((r = doc_string(object, "Config", &row->config, fault)) < 0 ||
                        (r = doc_strings(object, "RepoTags", &row->tags, fault)) < 0 ||
                        (r = doc_strings(object, "Layers", &row->layers, fault)) < 0)
                return fault_wrap(fault, r, "cannot read manifest.json");
        if (!row->config)
                return fault_raise(
                                fault, FAULT_SYNTAX, EINVAL, "manifest.json has an image without 'Config'");
        return 0;
}

static bool row_is_called(const Row *row, const char *wanted) {
        for (size_t i = 0; row->tags && row->tags[i]; i++) {
                autofree char *name = NULL;

                if (reference_normalise(row->tags[i], &name, NULL) >= 0 && strcmp(name, wanted) == 0)
                        return true;
        }
        return false;
}

/* Finds the image that was asked for, or the only one. */
static int find_row(const json_t *rows, const char *tag, Row *ret, Fault *fault) {
        autofree char *wanted = NULL, *list = NULL;
        autostrv char **seen = NULL;
        int r;

        if (tag && (r = reference_normalise(tag, &wanted, fault)) < 0)
                return r;

        for (size_t i = 0; i < json_array_size(rows); i++) {
                AUTO(row_done) Row row = {};

                r = read_row(json_array_get(rows, i), &row, fault);
                if (r < 0)
                        return r;
                if (tag ? row_is_called(&row, wanted) : json_array_size(rows) == 1) {
                        *ret = row;
                        row = (Row){};
                        return 0;
                }
                if (i < 20 && strv_extend(&seen, row.tags) < 0)
                        return -ENOMEM;
        }

        list = strv_join(seen, ", ");
        if (tag)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there is no image '%.100s' in it, only: %.300s", wanted,
                                list && *list ? list : "nothing");
        return fault_raise(fault, json_array_size(rows) ? FAULT_CONFLICT : FAULT_MISSING,
                        json_array_size(rows) ? ENOTUNIQ : ENOENT,
                        json_array_size(rows) ? "there are several images in it; say which one behind a "
                                                "colon: %.300s"
                                              : "there is no image in it%.0s",
                        list ? list : "");
}

/* A file that is called after a digest must be what it is called, or one image could pose as another. */
static int digest_of_name(const char *file, const char *suffix, Digest *ret) {
        char hex[DIGEST_HEX + 1];
        size_t n;

        if (strncmp(file, BLOBS, strlen(BLOBS)) == 0) {
                file += strlen(BLOBS);
                suffix = "";
        }
        n = strspn(file, "0123456789abcdef");
        if (n != DIGEST_HEX || strcmp(file + n, suffix) != 0)
                return -ENOENT;
        memcpy(hex, file, n);
        hex[n] = '\0';
        return digest_from_hex(hex, ret);
}

static int take_layers(Row *row, Plan *plan, Fault *fault) {
        size_t n = strv_length(row->layers);

        if (n != plan->n_layers)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "manifest.json has %zu layers and the config has %zu", n, plan->n_layers);
        for (size_t i = 0; i < n; i++) {
                if (strncmp(row->layers[i], BLOBS, strlen(BLOBS)) == 0)
                        (void) digest_of_name(row->layers[i], "", &plan->layers[i].blob);
                plan->layers[i].file = strdup(row->layers[i]);
                if (!plan->layers[i].file)
                        return -ENOMEM;
        }
        return 0;
}

static int read_rows(Source *source, json_t **ret, Fault *fault) {
        autofree char *text = NULL;
        size_t size;
        int r;

        if (!source_has(source, "manifest.json") && source_has(source, "repositories"))
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "the archive was written by a docker before 1.10; load and save it with a "
                                "newer one");
        r = source_read(source, "manifest.json", &text, &size, fault);
        if (r < 0)
                return fault_wrap(fault, r, "this is not what 'docker save' writes, or not all of it");
        return doc_parse_array(text, size, "manifest.json", ret, fault);
}

int plan_docker(Source *source, const PlanRequest *request, Plan *plan, Fault *fault) {
        AUTO(row_done) Row row = {};
        autojson json_t *rows = NULL;
        Digest digest = {};
        char *config;
        size_t size;
        int r;

        if ((r = read_rows(source, &rows, fault)) < 0 ||
                        (r = find_row(rows, request->tag, &row, fault)) < 0 ||
                        (r = source_read(source, row.config, &config, &size, fault)) < 0)
                return r;

        (void) digest_of_name(row.config, ".json", &digest);
        r = plan_take_config(plan, config, size, &digest, request, fault);
        if (r < 0)
                return r;

        for (size_t i = 0; row.tags && row.tags[i]; i++) {
                r = plan_add_name(plan, row.tags[i], fault);
                if (r < 0)
                        return r;
        }
        return take_layers(&row, plan, fault);
}
