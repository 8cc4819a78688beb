/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/manifest-make.h"

#include <string.h>

#include "image/doc.h"
#include "image/manifest.h"

typedef struct Types {
        const char *manifest, *config, *layer[_COMPRESSION_MAX];
} Types;

static const Types oci_types = {
        MEDIA_OCI_MANIFEST,
        MEDIA_OCI_CONFIG,
        { [COMPRESSION_NONE] = MEDIA_OCI_LAYER,
                        [COMPRESSION_GZIP] = MEDIA_OCI_LAYER "+gzip",
                        [COMPRESSION_ZSTD] = MEDIA_OCI_LAYER "+zstd" },
};

static const Types docker_types = {
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.container.image.v1+json",
        { [COMPRESSION_NONE] = "application/vnd.docker.image.rootfs.diff.tar",
                        [COMPRESSION_GZIP] = "application/vnd.docker.image.rootfs.diff.tar.gzip" },
};

static json_t *descriptor(const char *media_type, const Digest *digest, int64_t size) {
        char text[DIGEST_HEX + 8];

        (void) snprintf(text, sizeof(text), "sha256:%s", digest->hex);
        return json_pack("{ss sI ss}", "mediaType", media_type, "size", (json_int_t) size, "digest", text);
}

static char *make_text(const Outgoing *image, const Blob *blobs, const Types *types) {
        json_t *layers = json_array();
        autojson json_t *manifest = NULL;

        for (size_t i = 0; i < image->n_layers; i++)
                if (json_array_append_new(layers, descriptor(types->layer[blobs[i].compression],
                                                                  &blobs[i].digest, blobs[i].size)) < 0) {
                        json_decref(layers);
                        return NULL;
                }
        manifest = json_pack("{si ss so so}", "schemaVersion", 2, "mediaType", types->manifest, "config",
                        descriptor(types->config, &image->id, (int64_t) image->config_size), "layers",
                        layers);
        return manifest ? json_dumps(manifest, JSON_COMPACT) : NULL;
}

static bool says_the_same(const Outgoing *image, const Blob *blobs, const Types *types) {
        automanifest Manifest manifest = {};

        if (manifest_parse(image->manifest, image->manifest_size, NULL, &manifest, NULL) < 0 ||
                        manifest.kind != MANIFEST_IMAGE || manifest.n_items != image->n_layers ||
                        !digest_equal(&manifest.config.digest, &image->id) || !manifest.config.media_type ||
                        strcmp(manifest.config.media_type, types->config) != 0)
                return false;
        for (size_t i = 0; i < image->n_layers; i++)
                if (!digest_equal(&manifest.items[i].digest, &blobs[i].digest))
                        return false;
        return true;
}

static bool fit_docker(const Outgoing *image, const Blob *blobs) {
        for (size_t i = 0; i < image->n_layers; i++)
                if (!docker_types.layer[blobs[i].compression])
                        return false;
        return true;
}

int manifest_make(const Outgoing *image, const Blob *blobs, bool docker, MadeManifest *ret) {
        const Types *types = docker && fit_docker(image, blobs) ? &docker_types : &oci_types;
        MadeManifest made = { .media_type = types->manifest };
        int r;

        made.text = says_the_same(image, blobs, types) ? strndup(image->manifest, image->manifest_size)
                                                       : make_text(image, blobs, types);
        if (!made.text)
                return -ENOMEM;
        made.size = strlen(made.text);
        r = hash_bytes(made.text, made.size, &made.digest);
        if (r < 0) {
                free(made.text);
                return r;
        }
        *ret = made;
        return 0;
}

void made_manifest_done(MadeManifest *manifest) {
        free(manifest->text);
        *manifest = (MadeManifest){};
}
