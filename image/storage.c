/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/storage.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "image/decode.h"
#include "image/doc.h"
#include "image/manifest.h"
#include "image/reference.h"
#include "lib/io.h"
#include "lib/strv.h"

#define DRIVER "overlay"
#define LAYER "layer/"
#define LIST_LIMIT (256u << 20)
#define LOCK_PATIENCE 10 /* seconds */
#define ID_MIN 4

typedef struct Storage {
        Source source;
        char *root;
        int fd;
        int locks[2];
        json_t *images, *layers; /* read before threads use them */
        char *image;             /* id of the one that is wanted */
} Storage;

/* JSON of podman's may be larger than any document of an image. */
static int read_list(Storage *storage, const char *path, json_t **ret, Fault *fault) {
        autofree char *text = NULL;
        json_error_t error;
        size_t size;
        int r = io_read_file(storage->fd, path, LIST_LIMIT, &text, &size);

        if (r < 0)
                return fault_raise(fault, r == -ENOENT ? FAULT_MISSING : FAULT_SYSTEM, -r,
                                "cannot read '%.200s/%s': %s%s", storage->root, path, strerror(-r),
                                r == -ENOENT ? "; only storage with the driver overlay can be read" : "");
        *ret = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
        if (json_is_array(*ret))
                return 0;
        return fault_raise(fault, FAULT_SYNTAX, EINVAL, "'%.200s/%s' is not what podman writes",
                        storage->root, path);
}

/* Waits for podman, but not for ever. A storage that is mounted read-only has no lock to wait for. */
static int lock(Storage *storage, const char *path, int *ret, Fault *fault) {
        static const struct timespec pause = { .tv_nsec = 50000000 };
        struct flock how = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
        int fd = openat(storage->fd, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

        if (fd < 0)
                return errno == ENOENT ? 0
                                       : fault_raise(fault, FAULT_SYSTEM, errno,
                                                         "cannot open '%.200s/%s': %s", storage->root, path,
                                                         strerror(errno));
        *ret = fd;
        for (int i = 0; fcntl(fd, F_OFD_SETLK, &how) < 0; i++) {
                if (errno != EAGAIN && errno != EACCES)
                        return 0;
                if (i > LOCK_PATIENCE * 20)
                        return fault_raise(fault, FAULT_CONFLICT, EBUSY,
                                        "'%.200s' is being changed; try again when podman has finished",
                                        storage->root);
                (void) nanosleep(&pause, NULL);
        }
        return 0;
}

static const json_t *find_layer(const Storage *storage, const char *id) {
        size_t i;
        const json_t *layer;

        json_array_foreach(storage->layers, i, layer) {
                const char *its_id = json_string_value(json_object_get(layer, "id"));

                if (its_id && strcmp(its_id, id) == 0)
                        return layer;
        }
        return NULL;
}

/* An id becomes part of a path. */
static bool is_id(const char *id) {
        return id && strlen(id) == DIGEST_HEX && strspn(id, "0123456789abcdef") == DIGEST_HEX;
}

static int open_file(Storage *storage, const char *path, Stream **ret, int64_t *ret_size, Fault *fault) {
        autosource Source *directory = NULL;
        int r = source_new_directory(storage->root, &directory, fault);

        return r < 0 ? r : directory->open(directory, path, ret, ret_size, fault);
}

static int open_layer(Storage *storage, const char *id, Stream **ret, int64_t *ret_size, Fault *fault) {
        const json_t *layer = find_layer(storage, id);
        char path[64 + DIGEST_HEX];
        Stream *recipe;
        int64_t size;
        int fd, r;

        if (!layer || !is_id(id))
                return -ENOENT;
        (void) snprintf(path, sizeof(path), DRIVER "-layers/%s.tar-split.gz", id);
        r = open_file(storage, path, &recipe, &size, fault);
        if (r == -ENOENT)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                "podman has not kept what it takes to write layer %.12s as an archive; use "
                                "'podman save'",
                                id);
        if (r < 0)
                return r;
        recipe = stream_new_decoder(recipe);
        if (!recipe)
                return -ENOMEM;

        (void) snprintf(path, sizeof(path), DRIVER "/%s/diff", id);
        fd = openat(storage->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0) {
                stream_free(recipe);
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open '%.200s/%s': %s", storage->root,
                                path, strerror(errno));
        }
        *ret_size = json_integer_value(json_object_get(layer, "diff-size"));
        *ret = storage_archive(recipe, fd);
        return *ret ? 0 : -ENOMEM;
}

/* A key that would be no good name of a file is in base64. */
static int big_data_name(const char *key, char **ret) {
        size_t n = strlen(key), size = 4 * ((n + 2) / 3) + 2;

        if (strspn(key, ".0123456789abcdefghijklmnopqrstuvwxyz") == n) {
                *ret = strdup(key);
                return *ret ? 0 : -ENOMEM;
        }
        *ret = malloc(size);
        if (!*ret)
                return -ENOMEM;
        (*ret)[0] = '=';
        (void) EVP_EncodeBlock((unsigned char *) *ret + 1, (const unsigned char *) key, (int) n);
        return strchr(*ret, '/') ? -EINVAL : 0;
}

static int open_document(Storage *storage, const char *name, Stream **ret, int64_t *ret_size, Fault *fault) {
        autofree char *key = NULL, *file = NULL, *path = NULL;
        int r;

        if (asprintf(&key, "%s%s", is_id(name) ? "sha256:" : "", name) < 0) {
                key = NULL;
                return -ENOMEM;
        }
        r = big_data_name(key, &file);
        if (r < 0)
                return r == -EINVAL ? -ENOENT : r;
        if (asprintf(&path, DRIVER "-images/%s/%s", storage->image, file) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        return open_file(storage, path, ret, ret_size, fault);
}

static int storage_open(Source *source, const char *name, Stream **ret, int64_t *ret_size, Fault *fault) {
        Storage *storage = (Storage *) source;

        if (strncmp(name, LAYER, strlen(LAYER)) == 0)
                return open_layer(storage, name + strlen(LAYER), ret, ret_size, fault);
        return storage->image ? open_document(storage, name, ret, ret_size, fault) : -ENOENT;
}

static void storage_free(Source *source) {
        Storage *storage = (Storage *) source;

        json_decref(storage->images);
        json_decref(storage->layers);
        fd_closep(&storage->locks[0]);
        fd_closep(&storage->locks[1]);
        fd_closep(&storage->fd);
        free(storage->root);
        free(storage->image);
        free(storage);
}

/* "[DRIVER@]GRAPHROOT[+RUNROOT][:OPTIONS]" */
static int find_root(const char *text, char **ret, Fault *fault) {
        const char *at = strchr(text, '@');

        if (at && at[1] == '/') {
                if ((size_t) (at - text) != strlen(DRIVER) || strncmp(text, DRIVER, strlen(DRIVER)) != 0)
                        return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP,
                                        "only storage with the driver " DRIVER " can be read, not '%.*s'",
                                        (int) (at - text < 40 ? at - text : 40), text);
                text = at + 1;
        }
        *ret = *text ? strndup(text, strcspn(text, "+:")) : strdup(STORAGE_ROOT);
        return *ret ? 0 : -ENOMEM;
}

int source_new_storage(const char *root, Source **ret, Fault *fault) {
        Storage *storage = calloc(1, sizeof(Storage));
        autosource Source *source = NULL;
        int r;

        if (!storage)
                return -ENOMEM;
        source = &storage->source;
        *source = (Source){ storage_open, storage_free };
        storage->fd = storage->locks[0] = storage->locks[1] = -1;
        r = find_root(root, &storage->root, fault);
        if (r < 0)
                return r;
        storage->fd = open(storage->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (storage->fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open the storage '%.200s': %s",
                                storage->root, strerror(errno));
        if ((r = lock(storage, DRIVER "-layers/layers.lock", &storage->locks[0], fault)) < 0 ||
                        (r = lock(storage, DRIVER "-images/images.lock", &storage->locks[1], fault)) < 0 ||
                        (r = read_list(storage, DRIVER "-layers/layers.json", &storage->layers, fault)) <
                                        0 ||
                        (r = read_list(storage, DRIVER "-images/images.json", &storage->images, fault)) < 0)
                return r;
        *ret = TAKE(source);
        return 0;
}

static bool is_called(const json_t *image, const char *name) {
        const json_t *names = json_object_get(image, "names"), *item;
        size_t i;

        json_array_foreach(names, i, item) {
                if (json_is_string(item) && strcmp(json_string_value(item), name) == 0)
                        return true;
        }
        return false;
}

/* "nginx" may be any of the names that podman makes of it. */
static bool is_meant(const json_t *image, const char *text, const char *normal) {
        static const struct {
                const char *before, *after;
        } guesses[] = { { "", "" }, { "", ":latest" }, { "localhost/", "" }, { "localhost/", ":latest" } };
        const char *id = json_string_value(json_object_get(image, "id"));
        size_t n = strlen(text);

        if (is_id(id) && n >= ID_MIN && strncmp(id, text, n) == 0)
                return true;
        if (normal && is_called(image, normal))
                return true;
        for (size_t i = 0; i < ELEMENTS(guesses); i++) {
                char name[512];

                (void) snprintf(name, sizeof(name), "%s%s%s", guesses[i].before, text, guesses[i].after);
                if (is_called(image, name))
                        return true;
        }
        return false;
}

static int find_image(const Storage *storage, const char *text, const json_t **ret, Fault *fault) {
        autofree char *normal = NULL;
        const json_t *image, *found = NULL;
        size_t i;

        if (strncmp(text, "sha256:", strlen("sha256:")) == 0)
                text += strlen("sha256:");
        (void) reference_normalise(text, &normal, NULL);
        json_array_foreach(storage->images, i, image) {
                if (!is_meant(image, text, normal))
                        continue;
                if (found)
                        return fault_raise(fault, FAULT_CONFLICT, ENOTUNIQ,
                                        "several images in '%.200s' could be meant by '%.100s'",
                                        storage->root, text);
                found = image;
        }
        if (!found)
                return fault_raise(fault, FAULT_MISSING, ENOENT, "there is no image '%.200s' in '%.200s'",
                                text, storage->root);
        *ret = found;
        return 0;
}

static int take_names(const json_t *image, Plan *plan, Fault *fault) {
        const json_t *names = json_object_get(image, "names"), *item;
        size_t i;

        json_array_foreach(names, i, item) {
                const char *name = json_string_value(item);
                int r = name && !strchr(name, '@') ? plan_add_name(plan, name, fault) : 0;

                if (r < 0)
                        return r;
        }
        return 0;
}

/* From the uppermost layer down. The config's list must be as long. */
static int take_layers(const Storage *storage, const json_t *image, Plan *plan, Fault *fault) {
        const char *id = json_string_value(json_object_get(image, "layer"));

        for (size_t i = plan->n_layers; i-- > 0;) {
                const json_t *layer = is_id(id) ? find_layer(storage, id) : NULL;

                if (!layer)
                        return fault_raise(fault, FAULT_INTEGRITY, ENOENT,
                                        "the storage lacks a layer of the image");
                if (asprintf(&plan->layers[i].file, LAYER "%s", id) < 0) {
                        plan->layers[i].file = NULL;
                        return -ENOMEM;
                }
                id = json_string_value(json_object_get(layer, "parent"));
        }
        if (id && *id)
                return fault_raise(fault, FAULT_INTEGRITY, EBADMSG,
                                "the storage has more layers for the image than its config");
        return 0;
}

static int take_documents(Storage *storage, const PlanRequest *request, Plan *plan, Fault *fault) {
        automanifest Manifest manifest = {};
        Digest digest;
        char *config;
        size_t size;
        int r;

        if ((r = source_read(&storage->source, "manifest", &plan->manifest, &plan->manifest_size, fault)) <
                                        0 ||
                        (r = manifest_parse(plan->manifest, plan->manifest_size, NULL, &manifest, fault)) <
                                        0 ||
                        (r = hash_bytes(plan->manifest, plan->manifest_size, &digest)) < 0 ||
                        (r = plan_add_digest(plan, &digest)) < 0)
                return r;
        if (manifest.kind != MANIFEST_IMAGE)
                return fault_raise(fault, FAULT_UNSUPPORTED, EOPNOTSUPP, "it is an index and not an image");
        r = source_read(&storage->source, manifest.config.digest.hex, &config, &size, fault);
        if (r < 0)
                return r;
        return plan_take_config(plan, config, size, &manifest.config.digest, request, fault);
}

int plan_storage(Source *source, const PlanRequest *request, Plan *plan, Fault *fault) {
        Storage *storage = (Storage *) source;
        const json_t *image = NULL;
        const char *id;
        int r;

        if (!request->tag)
                return fault_raise(fault, FAULT_VALUE, EINVAL, "which image is meant is not said");
        r = find_image(storage, request->tag, &image, fault);
        if (r < 0)
                return r;
        id = json_string_value(json_object_get(image, "id"));
        if (!is_id(id))
                return fault_raise(fault, FAULT_SYNTAX, EINVAL, "the storage has an image without an id");
        storage->image = strdup(id);
        if (!storage->image)
                return -ENOMEM;
        if ((r = take_documents(storage, request, plan, fault)) < 0 ||
                        (r = take_layers(storage, image, plan, fault)) < 0)
                return r;
        return take_names(image, plan, fault);
}
