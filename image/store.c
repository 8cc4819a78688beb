/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/store.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "lib/paths.h"

int store_open(const char *path, Store *ret, Fault *fault) {
        autostore Store store = STORE_CLOSED;

        store.path = strdup(path ? path : SLIPWAY_STATE_DIR);
        if (!store.path)
                return -ENOMEM;

        store.fd = open(store.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (store.fd < 0 && errno == ENOENT)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there are no images in '%s' yet, see slipway-import(1)", store.path);
        if (store.fd < 0 && errno == EACCES)
                return fault_raise(fault, FAULT_SYSTEM, EACCES, "only root can look into '%s'; try sudo",
                                store.path);
        if (store.fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open the store '%s': %s", store.path,
                                strerror(errno));

        *ret = store;
        store = STORE_CLOSED;
        return 0;
}

int store_lock(Store *store, StoreLock how, Fault *fault) {
        autofd int fd = -1;
        int r;

        store_unlock(store);

        /* Readers do not create the file: it is there as soon as there is anything to read. */
        fd = openat(store->fd, "lock",
                        how == STORE_EXCLUSIVE ? O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
                                               : O_RDONLY | O_CLOEXEC | O_NOFOLLOW,
                        0600);
        if (fd < 0 && errno == ENOENT)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there are no images in '%s' yet, see slipway-import(1)", store->path);
        if (fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot open '%s/lock': %s", store->path,
                                strerror(errno));

        do
                r = flock(fd, how == STORE_EXCLUSIVE ? LOCK_EX : LOCK_SH);
        while (r < 0 && errno == EINTR);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot lock the store '%s': %s", store->path,
                                strerror(errno));

        store->lock_fd = TAKE_FD(fd);
        return 0;
}

void store_unlock(Store *store) {
        if (store->lock_fd >= 0)
                (void) close(store->lock_fd);
        store->lock_fd = -1;
}

void store_close(Store *store) {
        store_unlock(store);
        if (store->fd >= 0)
                (void) close(store->fd);
        free(store->path);
        *store = STORE_CLOSED;
}
