/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/lookup.h"

#include <fcntl.h>
#include <string.h>

#include "image/doc.h"
#include "image/reference.h"
#include "lib/io.h"
#include "lib/strv.h"

#define ID_LINK "../images/"
#define PREFIX_MIN 4

static int missing(const char *text, Fault *fault) {
        return fault_mark(fault, MESSAGE_IMAGE_MISSING,
                        fault_raise(fault, FAULT_MISSING, ENOENT,
                                        "image '%.300s' is not in the store, see slipway-import(1)", text));
}

/* What is behind the last slash of a name, or of the file of one. */
static const char *last_part(const char *name, const char *slash) {
        for (const char *next = strstr(name, slash); next; next = strstr(name, slash))
                name = next + strlen(slash);
        return name;
}

/* A name in the store that is the same but for its registry. Return: NULL when there is none. */
static char *find_elsewhere(Store *store, const char *name) {
        const char *wanted = last_part(name, "/");
        autoclosedir DIR *dir = NULL;
        struct dirent *entry;
        char *found = NULL;
        int fd;

        fd = openat(store->fd, "names", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return NULL;
        dir = fdopendir(fd);
        if (!dir) {
                (void) close(fd);
                return NULL;
        }
        while (!found && (entry = readdir(dir)))
                if (strcmp(last_part(entry->d_name, "%2F"), wanted) == 0)
                        (void) reference_unescape(entry->d_name, &found);
        return found;
}

/* Who has typed "redis" may mean "localhost/redis"; which one is meant is not for us to guess. */
static int missing_name(Store *store, const char *name, Fault *fault) {
        autofree char *other = find_elsewhere(store, name);

        if (!other)
                return missing(name, fault);
        return fault_mark(fault, MESSAGE_IMAGE_MISSING,
                        fault_raise(fault, FAULT_MISSING, ENOENT,
                                        "image '%.300s' is not in the store, but '%.300s' is; write that if "
                                        "it "
                                        "is meant",
                                        name, other));
}

/* What names/FILE points to. Return: 0, -ENOENT, -EUCLEAN when it is not ours. */
static int read_name(Store *store, const char *name, Digest *ret) {
        char target[sizeof(ID_LINK) + DIGEST_HEX + 1], path[6 + 256];
        autofree char *file = NULL;
        ssize_t n;
        int r;

        r = reference_escape(name, &file);
        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "names/%s", file);

        n = readlinkat(store->fd, path, target, sizeof(target));
        if (n < 0)
                return -errno;
        if ((size_t) n >= sizeof(target) || strncmp(target, ID_LINK, strlen(ID_LINK)) != 0)
                return -EUCLEAN;
        target[n] = '\0';
        return digest_from_hex(target + strlen(ID_LINK), ret) < 0 ? -EUCLEAN : 0;
}

static bool is_prefix(const char *text) {
        size_t n = strlen(text);

        return n >= PREFIX_MIN && n <= DIGEST_HEX && digest_is_hex(text, n);
}

/* Return: 0, -ENOENT or -ENOTUNIQ, without a fault. */
static int find_by_prefix(Store *store, const char *prefix, Digest *ret) {
        autoclosedir DIR *dir = NULL;
        struct dirent *entry;
        int fd, found = 0;

        fd = openat(store->fd, "images", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        dir = fdopendir(fd);
        if (!dir) {
                (void) close(fd);
                return -ENOMEM;
        }

        while ((entry = readdir(dir)))
                if (strncmp(entry->d_name, prefix, strlen(prefix)) == 0 &&
                                digest_from_hex(entry->d_name, ret) == 0)
                        found++;
        return found == 0 ? -ENOENT : found > 1 ? -ENOTUNIQ : 0;
}

static int find_by_id(Store *store, const char *text, const char *digits, Digest *ret, Fault *fault) {
        int r = find_by_prefix(store, digits, ret);

        if (r == -ENOTUNIQ)
                return fault_raise(fault, FAULT_CONFLICT, ENOTUNIQ,
                                "several images have an id that starts with '%s'", text);
        if (r == -ENOENT)
                return missing(text, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot look for image '%s'", text) : 0;
}

static int find_by_name(Store *store, const char *text, Digest *ret_id, char **ret_name, Fault *fault) {
        autofree char *name = NULL;
        int r;

        r = reference_normalise(text, &name, fault);
        if (r < 0)
                return r;

        r = read_name(store, name, ret_id);
        if (r == -ENOENT && is_prefix(text))
                return find_by_id(store, text, text, ret_id, fault);
        if (r == -ENOENT)
                return missing_name(store, name, fault);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read the name '%s' in the store", name);

        *ret_name = TAKE(name);
        return 0;
}

int image_find(Store *store, const char *text, Digest *ret_id, char **ret_name, Fault *fault) {
        autofree char *name = NULL;
        Digest id = {};
        int r;

        if (strncmp(text, "sha256:", 7) == 0 && is_prefix(text + 7))
                r = find_by_id(store, text, text + 7, &id, fault);
        else if (digest_is_hex(text, DIGEST_HEX))
                r = find_by_id(store, text, text, &id, fault);
        else
                r = find_by_name(store, text, &id, &name, fault);
        if (r < 0)
                return r;

        *ret_id = id;
        if (ret_name)
                *ret_name = TAKE(name);
        return 0;
}

/* images/HEX/layers has one chain id a line. */
static int read_layers(Store *store, char *text, Image *image) {
        char *save = NULL;
        size_t room = 0;

        for (const char *at = text; *at; at++)
                room += *at == '\n';
        if (room > IMAGE_LAYERS_LIMIT)
                return -E2BIG;

        image->layers = calloc(room + 1, sizeof(Digest));
        image->paths = calloc(room + 1, sizeof(char *));
        if (!image->layers || !image->paths)
                return -ENOMEM;

        for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
                size_t i = image->n_layers;

                if (i >= room || digest_from_hex(line, &image->layers[i]) < 0)
                        return -EUCLEAN;
                if (asprintf(&image->paths[i], "%s/layers/%s/fs", store->path, line) < 0) {
                        image->paths[i] = NULL;
                        return -ENOMEM;
                }
                image->n_layers++;
        }
        return 0;
}

static int load_file(Store *store, const Digest *id, const char *file, char **ret, size_t *ret_size,
                Fault *fault) {
        char path[128];
        int r;

        (void) snprintf(path, sizeof(path), "images/%s/%s", id->hex, file);
        r = io_read_file(store->fd, path, DOC_LIMIT, ret, ret_size);
        if (r == -ENOENT)
                return missing(id->hex, fault);
        return r < 0 ? fault_wrap(fault, r, "cannot read '%s/%s'", store->path, path) : 0;
}

int image_load(Store *store, const Digest *id, Image *ret, Fault *fault) {
        autofree char *config = NULL, *layers = NULL;
        autoimage Image image = { .id = *id };
        size_t size;
        int r;

        r = load_file(store, id, "layers", &layers, NULL, fault);
        if (r < 0)
                return r;
        r = read_layers(store, layers, &image);
        if (r < 0)
                return fault_wrap(fault, r, "cannot read '%s/images/%s/layers'", store->path, id->hex);

        r = load_file(store, id, "config.json", &config, &size, fault);
        if (r < 0)
                return r;
        r = image_config_parse(config, size, &image.config, fault);
        if (r < 0)
                return fault_wrap(fault, r, "image %.12s", id->hex);

        *ret = image;
        image = (Image){};
        return 0;
}

int image_lookup(Store *store, const char *text, Image *ret, Fault *fault) {
        autofree char *name = NULL;
        Digest id;
        int r;

        r = image_find(store, text, &id, &name, fault);
        if (r < 0)
                return r;
        r = image_load(store, &id, ret, fault);
        if (r < 0)
                return r;
        ret->name = TAKE(name);
        return 0;
}

void image_done(Image *image) {
        free(image->name);
        free(image->layers);
        strv_free(image->paths);
        image_config_done(&image->config);
        *image = (Image){};
}
