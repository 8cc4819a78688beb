/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The store, to read
 *
 * Where images are kept, see slipway-store(5). This half only reads: it needs
 * neither libarchive nor OpenSSL, so that the launcher can be linked with it
 * statically. Changing the store is image/change.h.
 *
 * Whoever reads holds the lock shared. The launcher keeps it until it has
 * written containers/NAME/image, which is what keeps an image from being
 * removed; then it may let go.
 */

#include <stdbool.h>
#include <stddef.h>

#include "lib/cleanup.h"
#include "lib/fault.h"

typedef struct Store {
        char *path;  /* as opened, for messages and for paths of layers */
        int fd;      /* the directory */
        int lock_fd; /* its lock file; -1 while it is not locked */
} Store;

#define STORE_CLOSED ((Store){ .fd = -1, .lock_fd = -1 })

/**
 * store_open() - open the store
 * @path:       its directory; NULL for the system's
 * @ret:        the store, not locked
 *
 * A system without a store has an empty one: -ENOENT comes with a fault that says how images get here.
 */
int store_open(const char *path, Store *ret, Fault *fault);

typedef enum StoreLock {
        STORE_SHARED,    /* to read: waits for writers only */
        STORE_EXCLUSIVE, /* to change: waits for everybody */
} StoreLock;

/* Waits for the lock. Return: 0 or -errno with a fault. */
int store_lock(Store *store, StoreLock how, Fault *fault);
void store_unlock(Store *store);

/* Closes all, and with that unlocks. A closed store may be closed again. */
void store_close(Store *store);
#define autostore AUTO(store_close)
