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
                "tmp" };
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

/* Opens what a dead process left, and owns it from then on. Return: -EWOULDBLOCK if it lives. */
static int open_dead(int tmp_fd, const char *name) {
        autofd int fd = openat(tmp_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        return TAKE_FD(fd);
}

/* One of the dead at a time, so that the store need not be locked for as long as removing takes. */
static int find_dead(int tmp_fd, char **ret_name, int *ret_fd) {
        int fd = openat(tmp_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), dead;
        autoclosedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        if (!dir)
                return -errno;
        while ((entry = readdir(dir))) {
                if (entry->d_name[0] == '.')
                        continue;
                dead = open_dead(tmp_fd, entry->d_name);
                if (dead == -ENOTDIR)
                        (void) unlinkat(tmp_fd, entry->d_name, 0);
                if (dead < 0)
                        continue;
                *ret_fd = dead;
                *ret_name = strdup(entry->d_name);
                return *ret_name ? 1 : -ENOMEM;
        }
        return 0;
}

static int bury_the_dead(Store *store, int tmp_fd, Fault *fault) {
        for (;;) {
                autofree char *name = NULL;
                autofd int fd = -1;
                int r;

                r = store_lock(store, STORE_EXCLUSIVE, fault);
                if (r < 0)
                        return r;
                r = find_dead(tmp_fd, &name, &fd);
                store_unlock(store);
                if (r == 0)
                        return 0;
                if (r > 0)
                        r = remove_tree(tmp_fd, name);
                if (r < 0)
                        return store_failed(store, r, "remove what a killed process left", fault);
        }
}

int store_bury(Store *store, Fault *fault) {
        autofd int tmp_fd = openat(store->fd, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return tmp_fd < 0 ? store_failed(store, -errno, "look for what a killed process left", fault)
                          : bury_the_dead(store, tmp_fd, fault);
}

/* The lock is held from before others could see the directory unlocked: they look with the store locked. */
static int make_draft(Store *store, int tmp_fd, Draft *draft) {
        unsigned char random[8];
        int r;

        if (getrandom(random, sizeof(random), 0) != sizeof(random))
                return -EIO;
        r = asprintf(&draft->name, "%02x%02x%02x%02x%02x%02x%02x%02x", random[0], random[1], random[2],
                        random[3], random[4], random[5], random[6], random[7]);
        if (r < 0) {
                draft->name = NULL;
                return -ENOMEM;
        }

        if (mkdirat(tmp_fd, draft->name, 0700) < 0)
                return -errno;
        draft->store = store;
        draft->fd = openat(tmp_fd, draft->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (draft->fd < 0 || flock(draft->fd, LOCK_EX | LOCK_NB) < 0)
                return -errno;
        return 0;
}

int draft_begin(Store *store, Draft *ret, Fault *fault) {
        autodraft Draft draft = { .fd = -1 };
        autofd int tmp_fd = openat(store->fd, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int r;

        if (tmp_fd < 0)
                return store_failed(store, -errno, "begin a change", fault);
        r = bury_the_dead(store, tmp_fd, fault);
        if (r < 0)
                return r;

        r = store_lock(store, STORE_SHARED, fault);
        if (r < 0)
                return r;
        r = FAULT_POINT("change:make a draft");
        if (r >= 0)
                r = make_draft(store, tmp_fd, &draft);
        store_unlock(store);
        if (r < 0)
                return store_failed(store, r, "begin a change", fault);

        *ret = draft;
        draft = (Draft){ .fd = -1 };
        return 0;
}

void draft_end(Draft *draft) {
        autofd int tmp_fd = -1;

        if (draft->store && FAULT_POINT("change:remove the draft") >= 0) {
                tmp_fd = openat(draft->store->fd, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                if (tmp_fd >= 0)
                        (void) remove_tree(tmp_fd, draft->name);
        }
        if (draft->fd >= 0)
                (void) close(draft->fd);
        free(draft->name);
        *draft = (Draft){ .fd = -1 };
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
