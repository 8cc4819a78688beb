/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/change.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "lib/fault-point.h"
#include "lib/io.h"
#include "lib/paths.h"
#include "lib/remove-tree.h"
#include "lib/strv.h"

int store_failed(const Store *store, int r, const char *what, Fault *fault) {
        if (r == -ENOSPC || r == -EDQUOT)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot %s: there is no room left in '%.200s'",
                                what, store->path);
        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot %s in '%.200s': %s", what, store->path,
                        strerror(-r));
}

int store_create(const char *path, Store *ret, Fault *fault) {
        static const char *const directories[] = { "blobs", "blobs/sha256", "layers", "images", "names",
                "origins", "tmp" };
        autostore Store store = STORE_CLOSED;
        int r;

        if (!path)
                path = SLIPWAY_STATE_DIR;
        r = io_mkdir_p(path, 0755);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot make the store '%.200s': %s", path,
                                strerror(-r));
        r = store_open(path, &store, fault);
        if (r < 0)
                return r;

        /* Set-user-id files of images lie in there: nobody but root may get in (CVE-2021-41103). */
        if (fchmod(store.fd, 0700) < 0)
                return store_failed(&store, -errno, "close the store to others", fault);
        for (size_t i = 0; i < ELEMENTS(directories); i++)
                if (mkdirat(store.fd, directories[i], 0700) < 0 && errno != EEXIST)
                        return store_failed(&store, -errno, "make a directory", fault);

        *ret = store;
        store = STORE_CLOSED;
        return 0;
}

int store_pin(Store *store, const Digest *chain_id) {
        char path[16 + DIGEST_HEX];
        autofd int fd = -1;

        (void) snprintf(path, sizeof(path), "layers/%s", chain_id->hex);
        fd = openat(store->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        if (flock(fd, LOCK_SH | LOCK_NB) < 0)
                return -errno;
        return TAKE_FD(fd);
}
