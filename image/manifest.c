/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/manifest.h"

#include <string.h>

#include "image/doc.h"

#define DOCKER "application/vnd.docker."

/* clang-format off */
static const struct {
        const char *media_type;
        ManifestKind kind;
} kinds[] = {
        { MEDIA_OCI_MANIFEST,                              MANIFEST_IMAGE },
        { DOCKER "distribution.manifest.v2+json",          MANIFEST_IMAGE },
        { MEDIA_OCI_INDEX,                                 MANIFEST_INDEX },
        { DOCKER "distribution.manifest.list.v2+json",     MANIFEST_INDEX },
};

static const char *const layer_types[] = {
        MEDIA_OCI_LAYER,
        MEDIA_OCI_LAYER "+gzip",
        MEDIA_OCI_LAYER "+zstd",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
        DOCKER "image.rootfs.diff.tar",
        DOCKER "image.rootfs.diff.tar.gzip",
        DOCKER "image.rootfs.diff.tar.zstd",
        DOCKER "image.rootfs.foreign.diff.tar",
        DOCKER "image.rootfs.foreign.diff.tar.gzip",
};

static const char *const config_types[] = {
        MEDIA_OCI_CONFIG,
        DOCKER "container.image.v1+json",
};

/* Fields that decide what a document is, and of which kind they are a sign. Whatever their case. */
static const struct {
        const char *name;
        bool in_image, in_index;
} telling_fields[] = {
        { "schemaVersion", true,  true  },
        { "mediaType",     true,  true  },
        { "config",        true,  false },
        { "layers",        true,  false },
        { "manifests",     false, true  },
        { "fsLayers",      false, false },
        { "history",       false, false },
};
/* clang-format on */

static bool is_one_of(const char *media_type, const char *const *types, size_t n) {
        for (size_t i = 0; i < n; i++)
                if (strcmp(types[i], media_type) == 0)
                        return true;
        return false;
}

bool media_type_is_layer(const char *media_type) {
        return !media_type || is_one_of(media_type, layer_types, ELEMENTS(layer_types));
}

bool media_type_is_config(const char *media_type) {
        return !media_type || is_one_of(media_type, config_types, ELEMENTS(config_types));
}

static int read_platform(const json_t *object, Descriptor *descriptor, Fault *fault) {
        const json_t *platform = NULL;
        int r;

        if ((r = doc_object(object, "platform", &platform, fault)) < 0 ||
                        (r = doc_string(platform, "os", &descriptor->os, fault)) < 0 ||
                        (r = doc_string(platform, "architecture", &descriptor->architecture, fault)) < 0)
                return r;
        return doc_string(platform, "variant", &descriptor->variant, fault);
}

static int read_annotations(const json_t *object, Descriptor *descriptor, Fault *fault) {
        const json_t *annotations = NULL;
        int r;

        if ((r = doc_object(object, "annotations", &annotations, fault)) < 0 ||
                        (r = doc_string(annotations, "org.opencontainers.image.ref.name",
                                         &descriptor->ref_name, fault)) < 0 ||
                        (r = doc_string(annotations, "io.containerd.image.name", &descriptor->image_name,
                                         fault)) < 0)
                return r;

        descriptor->is_attestation = json_object_get(annotations, "vnd.docker.reference.type") ||
                                     (descriptor->os && strcmp(descriptor->os, "unknown") == 0);
        return 0;
}

static int read_descriptor(const json_t *object, Descriptor *descriptor, Fault *fault) {
        autofree char *digest = NULL;
        int r;

        if (!json_is_object(object))
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "a descriptor is not an object");

        descriptor->size = -1;
        if ((r = doc_string(object, "mediaType", &descriptor->media_type, fault)) < 0 ||
                        (r = doc_string(object, "digest", &digest, fault)) < 0 ||
                        (r = doc_number(object, "size", &descriptor->size, fault)) < 0)
                return r;
        if (!digest || descriptor->size < 0)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "a descriptor has no digest or no size");
        descriptor->has_urls = json_array_size(json_object_get(object, "urls")) > 0;
        r = digest_parse(digest, &descriptor->digest, fault);
        if (r < 0)
                return r;

        r = read_platform(object, descriptor, fault);
        return r < 0 ? r : read_annotations(object, descriptor, fault);
}

static int read_items(const json_t *document, const char *key, Manifest *manifest, Fault *fault) {
        const json_t *array = NULL;
        int r;

        r = doc_array(document, key, &array, fault);
        if (r < 0)
                return r;

        manifest->items = calloc(json_array_size(array) + 1, sizeof(Descriptor));
        if (!manifest->items)
                return -ENOMEM;
        for (size_t i = 0; i < json_array_size(array); i++) {
                manifest->n_items++;
                r = read_descriptor(json_array_get(array, i), &manifest->items[i], fault);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int kind_of_type(const char *media_type, ManifestKind *ret, Fault *fault) {
        for (size_t i = 0; i < ELEMENTS(kinds); i++)
                if (strcmp(kinds[i].media_type, media_type) == 0) {
                        *ret = kinds[i].kind;
                        return 0;
                }

        if (strncmp(media_type, DOCKER "distribution.manifest.v1+",
                            strlen(DOCKER "distribution.manifest.v1+")) == 0)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "it is a Docker image of schema 1, which went out of use in 2017; pull and "
                                "push "
                                "it with a newer docker");
        return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                        "'%.100s' is not the media type of an image", media_type);
}

/* What it says of itself, what the pointer said, or what it looks like. The last two must not differ. */
static int find_kind(const json_t *document, const char *media_type, ManifestKind *ret, Fault *fault) {
        autofree char *own_type = NULL;
        int64_t version = 2;
        int r;

        if ((r = doc_number(document, "schemaVersion", &version, fault)) < 0 ||
                        (r = doc_string(document, "mediaType", &own_type, fault)) < 0)
                return r;
        if (version == 1)
                return kind_of_type(DOCKER "distribution.manifest.v1+json", ret, fault);
        if (version != 2)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP, "its schema %jd is not known",
                                (intmax_t) version);

        if (own_type && media_type && strcmp(own_type, media_type) != 0)
                return fault_raise(fault, FAULT_HOSTILE, EBADMSG,
                                "it says that it is '%.80s', but it was announced as '%.80s'", own_type,
                                media_type);
        if (own_type || media_type)
                return kind_of_type(own_type ? own_type : media_type, ret, fault);

        *ret = json_object_get(document, "manifests") ? MANIFEST_INDEX : MANIFEST_IMAGE;
        return 0;
}

static int check_fields(const json_t *document, ManifestKind kind, Fault *fault) {
        const char *name;
        const json_t *value;

        json_object_foreach((json_t *) document, name, value) for (size_t i = 0;
                                                                   i < ELEMENTS(telling_fields); i++) {
                bool fits = kind == MANIFEST_INDEX ? telling_fields[i].in_index : telling_fields[i].in_image;

                if (strcasecmp(name, telling_fields[i].name) != 0)
                        continue;
                if (!fits || strcmp(name, telling_fields[i].name) != 0)
                        return fault_raise(fault, FAULT_HOSTILE, EBADMSG,
                                        "it is %s and must not have a field '%s'",
                                        kind == MANIFEST_INDEX ? "an index" : "a manifest", name);
        }
        return 0;
}

static int read_document(const json_t *document, const char *media_type, Manifest *manifest, Fault *fault) {
        const json_t *config = NULL;
        int r;

        r = find_kind(document, media_type, &manifest->kind, fault);
        if (r < 0)
                return r;
        r = check_fields(document, manifest->kind, fault);
        if (r < 0)
                return r;
        if (manifest->kind == MANIFEST_INDEX)
                return read_items(document, "manifests", manifest, fault);

        r = doc_object(document, "config", &config, fault);
        if (r < 0)
                return r;
        if (!config)
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "it has no 'config'");
        r = read_descriptor(config, &manifest->config, fault);
        return r < 0 ? r : read_items(document, "layers", manifest, fault);
}

int manifest_parse(const char *text, size_t size, const char *media_type, Manifest *ret, Fault *fault) {
        automanifest Manifest manifest = {};
        autojson json_t *document = NULL;
        int r;

        r = doc_parse(text, size, "manifest", &document, fault);
        if (r < 0)
                return r;
        r = read_document(document, media_type, &manifest, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read the manifest");

        *ret = manifest;
        manifest = (Manifest){};
        return 0;
}

void descriptor_done(Descriptor *descriptor) {
        free(descriptor->media_type);
        free(descriptor->os);
        free(descriptor->architecture);
        free(descriptor->variant);
        free(descriptor->ref_name);
        free(descriptor->image_name);
        *descriptor = (Descriptor){};
}

void manifest_done(Manifest *manifest) {
        descriptor_done(&manifest->config);
        for (size_t i = 0; i < manifest->n_items; i++)
                descriptor_done(&manifest->items[i]);
        free(manifest->items);
        *manifest = (Manifest){};
}
