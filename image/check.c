/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "image/check.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/change.h"
#include "image/doc.h"
#include "image/hash.h"
#include "image/list.h"
#include "image/lookup.h"
#include "image/reference.h"
#include "lib/io.h"
#include "lib/locked.h"

typedef struct Check {
        Store *store;
        bool deep;
        Findings *findings;
        IdList needed; /* layers */
} Check;

static int remove_name(const char *subject, Fault *fault);
static int tidy_up(const char *subject, Fault *fault);

/* clang-format off */
static const FindingKind
name_strange = { "name-strange", FINDING_PROBLEM,
        "is not a name that Slipway has made",
        "what it means is not known, so no image can be found by it",
        "remove the file, or move it away", NULL },
name_dangling = { "name-dangling", FINDING_PROBLEM,
        "leads to an image that is not there",
        "a container that asks for the image by this name cannot start",
        "--repair removes the name; then import the image again", remove_name },
image_damaged = { "image-damaged", FINDING_PROBLEM,
        "is not whole",
        "containers of this image cannot start, and nothing that is not needed can be removed from the store",
        "remove it with 'slipway rmi --force ID', and import it again", NULL },
layer_missing = { "layer-missing", FINDING_PROBLEM,
        "lacks a layer",
        "containers of this image cannot start",
        "import it again", NULL },
layer_undescribed = { "layer-undescribed", FINDING_PROBLEM,
        "has no description that can be read",
        "images with this layer can be started, but not be inspected or imported",
        "remove those images with 'slipway rmi --force ID', and import them again", NULL },
blob_damaged = { "blob-damaged", FINDING_PROBLEM,
        "does not have the digest that it is called by",
        "it has been changed, or the disk has lost it: the image is not what it was",
        "remove the image with 'slipway rmi --force ID', and import it again", NULL },
layer_unneeded = { "layer-unneeded", FINDING_NOTE,
        "is a layer of no image",
        "it takes up room; a process was killed before it could use the layer",
        "the next import or rmi removes it, and so does --repair", tidy_up },
blob_unneeded = { "blob-unneeded", FINDING_NOTE,
        "is a document of no image",
        "it takes up room; a process was killed before it could use the document",
        "the next import or rmi removes it, and so does --repair", tidy_up },
draft_left = { "draft-left", FINDING_NOTE,
        "is a change that nobody is making any more",
        "it takes up room; the process that made it was killed",
        "the next import or rmi removes it, and so does --repair", tidy_up };
/* clang-format on */

/* The store that a path in it belongs to: all but its last @n parts. */
static char *store_of(const char *subject, int n) {
        char *path = strdup(subject);

        for (; path && n > 0; n--) {
                char *slash = strrchr(path, '/');

                if (!slash || slash == path)
                        break;
                *slash = '\0';
        }
        return path;
}

static int remove_name(const char *subject, Fault *fault) {
        autofree char *path = store_of(subject, 2);
        autostore Store store = STORE_CLOSED;
        int r;

        if (!path)
                return -ENOMEM;
        if ((r = store_open(path, &store, fault)) < 0 ||
                        (r = store_lock(&store, STORE_EXCLUSIVE, fault)) < 0)
                return r;
        /* Somebody may have imported it by now. */
        if (access(subject, F_OK) == 0 || errno != ENOENT)
                return 0;
        return unlink(subject) < 0 && errno != ENOENT ? store_failed(&store, -errno, "remove a name", fault)
                                                      : 0;
}

/* What the next change would do. */
static int tidy_up(const char *subject, Fault *fault) {
        autofree char *path = store_of(subject, strstr(subject, "/blobs/sha256/") ? 3 : 2);
        autostore Store store = STORE_CLOSED;
        autodraft Draft draft = { .fd = -1 };
        int r;

        if (!path)
                return -ENOMEM;
        if ((r = store_create(path, &store, fault)) < 0 || (r = draft_begin(&store, &draft, fault)) < 0 ||
                        (r = store_lock(&store, STORE_EXCLUSIVE, fault)) < 0)
                return r;
        r = store_sweep(&store, &draft, fault);
        store_unlock(&store);
        return r;
}

static int add(const Check *check, const FindingKind *kind, const char *directory, const char *name,
                const char *detail) {
        autofree char *subject = NULL;

        if (asprintf(&subject, "%s/%s/%s", check->store->path, directory, name) < 0) {
                subject = NULL;
                return -ENOMEM;
        }
        return findings_add(check->findings, kind, subject, detail);
}

static DIR *open_list(const Check *check, const char *directory) {
        int fd = openat(check->store->fd, directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);

        if (!dir && fd >= 0)
                (void) close(fd);
        return dir;
}

/* The image that a name's link is to, "../images/HEX". */
static int read_link(int dir_fd, const char *file, Digest *ret) {
        static const char prefix[] = "../images/";
        char target[PATH_MAX];
        ssize_t n = readlinkat(dir_fd, file, target, sizeof(target) - 1);

        if (n < 0)
                return -errno;
        target[n] = '\0';
        if (strncmp(target, prefix, strlen(prefix)) != 0)
                return -EINVAL;
        return digest_from_hex(target + strlen(prefix), ret);
}

static int check_names(const Check *check) {
        autoclosedir DIR *dir = open_list(check, "names");
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return errno == ENOENT ? 0 : -errno;
        while (r >= 0 && (errno = 0, entry = readdir(dir))) {
                autofree char *name = NULL;
                Digest id;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                if (reference_unescape(entry->d_name, &name) < 0 ||
                                read_link(dirfd(dir), entry->d_name, &id) < 0)
                        r = add(check, &name_strange, "names", entry->d_name, NULL);
                else if (faccessat(dirfd(dir), entry->d_name, F_OK, 0) < 0)
                        r = add(check, &name_dangling, "names", entry->d_name, name);
        }
        return r < 0 ? r : -errno;
}

static int need(Check *check, const Image *image) {
        Digest *grown = reallocarray(
                        check->needed.items, check->needed.n + image->n_layers + 1, sizeof(Digest));

        if (!grown)
                return -ENOMEM;
        check->needed.items = grown;
        if (image->n_layers > 0)
                memcpy(grown + check->needed.n, image->layers, image->n_layers * sizeof(Digest));
        check->needed.n += image->n_layers;
        return 0;
}

static int check_layers_of(Check *check, const Image *image) {
        int r = need(check, image);

        for (size_t i = 0; i < image->n_layers && r >= 0; i++)
                if (access(image->paths[i], F_OK) < 0)
                        r = add(check, &layer_missing, "images", image->id.hex, image->paths[i]);
        return r;
}

/* @file of image @id has the digest @wanted, if it is known. */
static int check_document(const Check *check, const Digest *id, const char *file, const Digest *wanted) {
        autofree char *text = NULL;
        char path[128], name[128];
        Digest digest;
        size_t size;
        int r;

        (void) snprintf(name, sizeof(name), "%s/%s", id->hex, file);
        (void) snprintf(path, sizeof(path), "images/%s", name);
        r = io_read_file(check->store->fd, path, DOC_LIMIT, &text, &size);
        if (r < 0)
                return r == -ENOMEM ? r : add(check, &image_damaged, "images", name, strerror(-r));
        r = wanted ? hash_bytes(text, size, &digest) : 0;
        if (r < 0 || !wanted || digest_equal(&digest, wanted))
                return r;
        return add(check, &blob_damaged, "images", name, NULL);
}

static int check_image(Check *check, const Digest *id) {
        autoimage Image image = {};
        Fault fault = {};
        int r = image_load(check->store, id, &image, &fault);

        if (r == -ENOMEM)
                return r;
        if (r < 0)
                return add(check, &image_damaged, "images", id->hex, fault.text);
        if ((r = check_layers_of(check, &image)) < 0 ||
                        (r = check_document(check, id, "config.json", check->deep ? id : NULL)) < 0)
                return r;
        return check_document(check, id, "manifest.json", NULL);
}

static int check_images(Check *check, Fault *fault) {
        AUTO(id_list_done) IdList images = {};
        size_t before = check->findings->n;
        int r = store_list_images(check->store, &images, fault);

        for (size_t i = 0; i < images.n && r >= 0; i++)
                r = check_image(check, &images.items[i]);
        id_list_sort(&check->needed);
        return r < 0 ? r : (int) (check->findings->n - before);
}

static int check_layer(const Check *check, const Digest *layer, bool all_known) {
        char path[16 + DIGEST_HEX];
        LayerInfo info;
        Fault fault = {};
        int r;

        /* One that is locked is what an import is going to build upon. */
        (void) snprintf(path, sizeof(path), "layers/%s", layer->hex);
        if (!id_list_has(&check->needed, layer))
                return all_known && locked_by_somebody(check->store->fd, path) == 0
                                       ? add(check, &layer_unneeded, "layers", layer->hex, NULL)
                                       : 0;
        r = store_layer_info(check->store, layer, &info, &fault);
        if (r < 0)
                return r == -ENOMEM ? r : add(check, &layer_undescribed, "layers", layer->hex, fault.text);
        return 0;
}

/* With an image that cannot be read nobody knows which layers are needed. */
static int check_layers(const Check *check, bool all_known, Fault *fault) {
        AUTO(id_list_done) IdList layers = {};
        int r = store_list_digests(check->store, "layers", &layers, fault);

        for (size_t i = 0; i < layers.n && r >= 0; i++)
                r = check_layer(check, &layers.items[i], all_known);
        return r;
}

static int check_blob(const Check *check, const Digest *blob, bool all_known) {
        autofree char *text = NULL;
        char path[16 + DIGEST_HEX];
        struct stat st;
        Digest digest;
        size_t size;
        int r;

        (void) snprintf(path, sizeof(path), "blobs/sha256/%s", blob->hex);
        if (fstatat(check->store->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        if (st.st_nlink < 2)
                return !all_known ? 0 : add(check, &blob_unneeded, "blobs/sha256", blob->hex, NULL);
        if (!check->deep)
                return 0;

        r = io_read_file(check->store->fd, path, DOC_LIMIT, &text, &size);
        if (r < 0)
                return r == -ENOMEM ? r : add(check, &blob_damaged, "blobs/sha256", blob->hex, strerror(-r));
        r = hash_bytes(text, size, &digest);
        if (r < 0 || digest_equal(&digest, blob))
                return r;
        return add(check, &blob_damaged, "blobs/sha256", blob->hex, NULL);
}

static int check_blobs(const Check *check, bool all_known, Fault *fault) {
        AUTO(id_list_done) IdList blobs = {};
        int r = store_list_digests(check->store, "blobs/sha256", &blobs, fault);

        for (size_t i = 0; i < blobs.n && r >= 0; i++)
                r = check_blob(check, &blobs.items[i], all_known);
        return r;
}

/* Layers that are finished may wait there for somebody who needs them. */
static bool is_left(int tmp_fd, const char *name) {
        autofd int fd = -1;

        if (locked_by_somebody(tmp_fd, name) != 0)
                return false;
        fd = openat(tmp_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 || !draft_is_kept(fd);
}

static int check_drafts(const Check *check) {
        autoclosedir DIR *dir = open_list(check, "tmp");
        struct dirent *entry;
        int r = 0;

        if (!dir)
                return errno == ENOENT ? 0 : -errno;
        while (r >= 0 && (errno = 0, entry = readdir(dir)))
                if (entry->d_name[0] != '.' && is_left(dirfd(dir), entry->d_name))
                        r = add(check, &draft_left, "tmp", entry->d_name, NULL);
        return r < 0 ? r : -errno;
}

int store_check(Store *store, bool deep, Findings *findings, Fault *fault) {
        Check check = { .store = store, .deep = deep, .findings = findings };
        int damaged = check_images(&check, fault), r = damaged;

        if (r >= 0)
                r = check_names(&check);
        if (r >= 0)
                r = check_layers(&check, damaged == 0, fault);
        if (r >= 0)
                r = check_blobs(&check, damaged == 0, fault);
        if (r >= 0)
                r = check_drafts(&check);
        id_list_done(&check.needed);
        if (r < 0 && !fault_is_raised(fault))
                return fault_wrap(fault, r, "cannot check the store '%.200s'", store->path);
        return r < 0 ? r : 0;
}
