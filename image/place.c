/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/place.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "image/reference.h"

int place_sync(Store *store, const char *directory) {
        autofd int fd = openat(store->fd, directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

/* What is known from an earlier time goes with the draft. */
int place_origin(Draft *draft, const char *from, const char *name, const Digest *image) {
        autofree char *file = NULL;
        char path[NAME_MAX + 16];
        autofd int fd = -1;
        int r = reference_escape(name, &file);

        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "origins/%s", file);
        if (mkdirat(draft->store->fd, path, 0700) < 0 && errno != EEXIST)
                return -errno;
        fd = openat(draft->store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (renameat2(draft->fd, from, fd, image->hex, RENAME_NOREPLACE) < 0 &&
                        (errno != EEXIST || renameat2(draft->fd, from, fd, image->hex, RENAME_EXCHANGE) < 0))
                return -errno;
        return fsync(fd) < 0 ? -errno : 0;
}

int place_name(Draft *draft, const char *name, const Digest *image) {
        char target[16 + DIGEST_HEX], path[NAME_MAX + 16];
        autofree char *file = NULL;
        int r = reference_escape(name, &file);

        if (r < 0)
                return r;
        (void) snprintf(target, sizeof(target), "../images/%s", image->hex);
        (void) snprintf(path, sizeof(path), "names/%s", file);
        (void) unlinkat(draft->fd, "name", 0);
        if (symlinkat(target, draft->fd, "name") < 0 ||
                        renameat(draft->fd, "name", draft->store->fd, path) < 0)
                return -errno;
        return 0;
}
