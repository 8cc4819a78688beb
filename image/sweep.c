/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Takes out of the store what no image needs. */

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "image/aside.h"
#include "image/change.h"
#include "image/list.h"
#include "image/lookup.h"
#include "lib/fault-point.h"

/* All layers of all images. An image that cannot be read might need any layer, so it stops the sweep. */
static int collect_needed(Store *store, IdList *ret, Fault *fault) {
        AUTO(id_list_done) IdList images = {}, needed = {};
        size_t room = 0;
        int r;

        r = store_list_images(store, &images, fault);
        if (r < 0)
                return r;

        for (size_t i = 0; i < images.n; i++) {
                autoimage Image image = {};

                r = image_load(store, &images.items[i], &image, fault);
                if (r < 0)
                        return fault_wrap(fault, r, "cannot tell which layers are needed");
                if (needed.n + image.n_layers > room) {
                        Digest *grown = reallocarray(
                                        needed.items, 2 * (needed.n + image.n_layers), sizeof(Digest));

                        if (!grown)
                                return -ENOMEM;
                        needed.items = grown;
                        room = 2 * (needed.n + image.n_layers);
                }
                if (image.n_layers > 0)
                        memcpy(needed.items + needed.n, image.layers, image.n_layers * sizeof(Digest));
                needed.n += image.n_layers;
        }

        id_list_sort(&needed);
        *ret = needed;
        needed = (IdList){};
        return 0;
}

/* A layer that somebody has pinned is left for the next sweep. */
static int take_out_layer(Store *store, const Digest *chain_id, Draft *draft) {
        char path[16 + DIGEST_HEX], to[16 + DIGEST_HEX];
        autofd int fd = -1;

        (void) snprintf(path, sizeof(path), "layers/%s", chain_id->hex);
        (void) snprintf(to, sizeof(to), "swept-%s", chain_id->hex);
        fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (flock(fd, LOCK_EX | LOCK_NB) < 0)
                return errno == EWOULDBLOCK ? 0 : -errno;
        if (renameat(store->fd, path, draft->fd, to) >= 0)
                return 0;
        /* One that went before is still being removed. */
        return errno == ENOTEMPTY || errno == EEXIST ? 0 : -errno;
}

/* A document that is needed has its second link in an image. */
static int take_out_blob(Store *store, const Digest *digest) {
        char path[16 + DIGEST_HEX];
        struct stat st;

        (void) snprintf(path, sizeof(path), "blobs/sha256/%s", digest->hex);
        if (fstatat(store->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        if (st.st_nlink > 1)
                return 0;
        return unlinkat(store->fd, path, 0) < 0 ? -errno : 0;
}

static DIR *open_directory(int dir_fd, const char *name) {
        int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *dir = fd < 0 ? NULL : fdopendir(fd);

        if (!dir && fd >= 0)
                (void) close(fd);
        return dir;
}

/* Origins of a name: what is known about an image that is gone is of use to nobody. */
static int take_out_origins_of(Store *store, int origins_fd, const char *name, Draft *draft, unsigned *n) {
        autoclosedir DIR *dir = open_directory(origins_fd, name);
        struct dirent *entry;

        if (!dir)
                return errno == ENOTDIR ? 0 : -errno;
        while ((errno = 0, entry = readdir(dir))) {
                char path[16 + DIGEST_HEX], to[32];

                if (!digest_is_hex(entry->d_name, DIGEST_HEX))
                        continue;
                (void) snprintf(path, sizeof(path), "images/%.64s", entry->d_name);
                if (faccessat(store->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
                        continue;
                (void) snprintf(to, sizeof(to), "swept-origin-%d-%u", (int) getpid(), (*n)++);
                if (renameat(dirfd(dir), entry->d_name, draft->fd, to) < 0 && errno != ENOENT)
                        return -errno;
        }
        if (errno != 0)
                return -errno;
        return unlinkat(origins_fd, name, AT_REMOVEDIR) < 0 && errno != ENOTEMPTY && errno != EEXIST ? -errno
                                                                                                     : 0;
}

static int take_out_origins(Store *store, Draft *draft) {
        autoclosedir DIR *dir = open_directory(store->fd, "origins");
        struct dirent *entry;
        unsigned n = 0;
        int r = 0;

        if (!dir)
                return errno == ENOENT ? 0 : -errno; /* a store from before there were any */
        while (r >= 0 && (errno = 0, entry = readdir(dir)))
                if (entry->d_name[0] != '.')
                        r = take_out_origins_of(store, dirfd(dir), entry->d_name, draft, &n);
        return r < 0 ? r : -errno;
}

/* What slipway-verity(8) has made of images that are gone. */
static int take_out_verity(Store *store, Draft *draft, Fault *fault) {
        AUTO(id_list_done) IdList made = {};
        int r = store_list_digests(store, "verity", &made, fault);

        for (size_t i = 0; i < made.n && r >= 0; i++) {
                char path[16 + DIGEST_HEX], to[16 + DIGEST_HEX];

                (void) snprintf(path, sizeof(path), "images/%s", made.items[i].hex);
                if (faccessat(store->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
                        continue;
                (void) snprintf(path, sizeof(path), "verity/%s", made.items[i].hex);
                (void) snprintf(to, sizeof(to), "verity-%s", made.items[i].hex);
                if (renameat(store->fd, path, draft->fd, to) < 0 && errno != ENOTEMPTY && errno != EEXIST)
                        r = -errno;
        }
        return r;
}

int store_sweep(Store *store, Draft *draft, Fault *fault) {
        AUTO(id_list_done) IdList needed = {}, layers = {}, blobs = {};
        int r;

        if ((r = collect_needed(store, &needed, fault)) < 0 ||
                        (r = store_list_digests(store, "layers", &layers, fault)) < 0 ||
                        (r = store_list_digests(store, "blobs/sha256", &blobs, fault)) < 0)
                return r;

        r = FAULT_POINT("change:sweep");
        for (size_t i = 0; i < layers.n && r >= 0; i++)
                if (!id_list_has(&needed, &layers.items[i]))
                        r = take_out_layer(store, &layers.items[i], draft);
        for (size_t i = 0; i < blobs.n && r >= 0; i++)
                r = take_out_blob(store, &blobs.items[i]);
        if (r >= 0)
                r = layers_sweep_aside(store, draft);
        if (r >= 0)
                r = take_out_origins(store, draft);
        if (r >= 0)
                r = take_out_verity(store, draft, fault);
        return r < 0 ? store_failed(store, r, "take out what is not needed", fault) : 0;
}
