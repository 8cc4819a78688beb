/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/give-back.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/change.h"
#include "image/reference.h"

/* Where the name is until it is in its place; whoever has the lock is alone. */
#define GIVEN "tmp/given-back"

static void image_path(const Digest *id, char *ret, size_t size) {
        (void) snprintf(ret, size, "images/%s", id->hex);
}

static int sync_names(Store *store) {
        autofd int fd = openat(store->fd, "names", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int replace(Store *store, const char *name, const Digest *id, Fault *fault) {
        char image[sizeof("images/") + DIGEST_HEX], target[sizeof(image) + 3];
        autofree char *file = NULL, *path = NULL;
        struct stat st;
        int r = reference_escape(name, &file);

        if (r < 0)
                return r;
        image_path(id, image, sizeof(image));
        if (fstatat(store->fd, image, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return fault_raise(fault, FAULT_MISSING, errno,
                                "the image that '%.200s' had, sha256:%.12s, is gone", name, id->hex);
        if (asprintf(&path, "names/%s", file) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        (void) snprintf(target, sizeof(target), "../%s", image);
        /* Without a draft: to make one is to remove what the dead have left, which needs room and rights. */
        if (unlinkat(store->fd, GIVEN, 0) < 0 && errno != ENOENT)
                return -errno;
        if (symlinkat(target, store->fd, GIVEN) < 0 || renameat(store->fd, GIVEN, store->fd, path) < 0)
                return -errno;
        return sync_names(store);
}

int image_give_back(Store *store, const char *name, const Digest *id, Fault *fault) {
        int r = store_lock(store, STORE_EXCLUSIVE, fault);

        if (r < 0)
                return r;
        r = replace(store, name, id, fault);
        store_unlock(store);
        return r >= 0 || fault_is_raised(fault) ? r : store_failed(store, r, "give a name back", fault);
}
