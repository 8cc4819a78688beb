/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/aside.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "image/check-layers.h"
#include "image/list.h"
#include "image/lookup.h"
#include "lib/fault-point.h"

#define ASIDE ".aside-"

static void mark_path(const Digest *chain_id, char ret[PATH_MAX]) {
        (void) snprintf(ret, PATH_MAX, "layers/%s/" LAYER_DAMAGED, chain_id->hex);
}

int layer_mark(Store *store, const Digest *chain_id) {
        char path[PATH_MAX];
        autofd int fd = -1;

        mark_path(chain_id, path);
        fd = openat(store->fd, path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        return fd < 0 ? -errno : 0;
}

bool layer_is_marked(const Store *store, const Digest *chain_id) {
        char path[PATH_MAX];

        mark_path(chain_id, path);
        return faccessat(store->fd, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Of an image that cannot be read nobody knows what is mounted. */
static bool image_uses(Store *store, const Digest *id, const Digest *chain_id) {
        autofree char *container = NULL;
        autoimage Image image = {};
        bool has = false;

        if (image_load(store, id, &image, NULL) < 0)
                has = true;
        for (size_t i = 0; i < image.n_layers; i++)
                has |= digest_equal(&image.layers[i], chain_id);
        return has && store_find_user(store, id, &container, NULL) != -ENOENT;
}

static bool is_used(Store *store, const Digest *chain_id) {
        AUTO(id_list_done) IdList images = {};

        if (store_list_images(store, &images, NULL) < 0)
                return true;
        for (size_t i = 0; i < images.n; i++)
                if (image_uses(store, &images.items[i], chain_id))
                        return true;
        return false;
}

int layer_exchange(Store *store, Draft *draft, const char *name, const Digest *chain_id) {
        char path[PATH_MAX], aside[PATH_MAX];

        (void) snprintf(path, sizeof(path), "layers/%s", chain_id->hex);
        (void) snprintf(aside, sizeof(aside), "layers/%s" ASIDE "%s", chain_id->hex, draft->name);
        if (renameat2(draft->fd, name, store->fd, path, RENAME_EXCHANGE) < 0)
                return -errno;
        (void) FAULT_POINT("aside:have exchanged a layer");
        if (!is_used(store, chain_id))
                return 0; /* it goes with the draft */
        return renameat(draft->fd, name, store->fd, aside) < 0 ? -errno : 0;
}

static int take_out(Store *store, int layers_fd, const char *name, Draft *draft) {
        char hex[DIGEST_HEX + 1];
        Digest chain_id;

        if (strlen(name) <= DIGEST_HEX || strncmp(name + DIGEST_HEX, ASIDE, strlen(ASIDE)) != 0)
                return 0;
        memcpy(hex, name, DIGEST_HEX);
        hex[DIGEST_HEX] = '\0';
        if (digest_from_hex(hex, &chain_id) < 0 || is_used(store, &chain_id))
                return 0;
        return renameat(layers_fd, name, draft->fd, name) < 0 ? -errno : 0;
}

int layers_sweep_aside(Store *store, Draft *draft) {
        int fd = openat(store->fd, "layers", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), r = 0;
        autoclosedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        if (!dir)
                return -errno;
        while (r >= 0 && (errno = 0, entry = readdir(dir)))
                r = take_out(store, dirfd(dir), entry->d_name, draft);
        return r < 0 ? r : -errno;
}
