/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/collect.h"

#include <fcntl.h>
#include <string.h>

#include "image/list.h"
#include "image/reference.h"
#include "image/use.h"
#include "lib/fault-point.h"
#include "lib/strv.h"

/* Whether an image still has just the names that it had. */
static bool has_same_names(const Candidate *candidate, const NameList *names) {
        char *const *name = candidate->names;

        for (size_t i = 0; i < names->n; i++) {
                if (!digest_equal(&names->items[i].id, &candidate->id))
                        continue;
                if (!name || !*name || strcmp(*name, names->items[i].name) != 0)
                        return false;
                name++;
        }
        return !name || !*name;
}

/* Return: 1 when it may go, 0 when not, -errno. */
static int may_go(Store *store, const Candidate *candidate, const NameList *names, Fault *fault) {
        autofree char *user = NULL;
        int64_t last_use;
        int r;

        if (image_last_use(store, &candidate->id, &last_use) < 0 || last_use != candidate->last_use ||
                        !has_same_names(candidate, names))
                return 0;
        r = store_find_user(store, &candidate->id, &user, fault);
        if (r == -ENOENT)
                return 1;
        return r < 0 ? r : 0;
}

/* The documents have links in blobs/, which count as needed as long as these here exist. */
static void unlink_documents(int tmp_fd, const char *image) {
        int fd = openat(tmp_fd, image, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        autoclosedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        while (dir && (entry = readdir(dir)))
                (void) unlinkat(dirfd(dir), entry->d_name, 0);
}

static int take_out_image(Store *store, int tmp_fd, const Candidate *candidate) {
        char from[16 + DIGEST_HEX], to[32 + DIGEST_HEX];
        int r;

        for (char *const *name = candidate->names; name && *name; name++) {
                autofree char *file = NULL;
                char path[NAME_MAX + 8];

                r = reference_escape(*name, &file);
                if (r < 0)
                        return r;
                (void) snprintf(path, sizeof(path), "names/%s", file);
                if (unlinkat(store->fd, path, 0) < 0 && errno != ENOENT)
                        return -errno;
        }
        r = FAULT_POINT("collect:take out an image");
        if (r < 0)
                return r;

        (void) snprintf(from, sizeof(from), "images/%s", candidate->id.hex);
        (void) snprintf(to, sizeof(to), "image-%s-%d", candidate->id.hex, (int) getpid());
        if (renameat(store->fd, from, tmp_fd, to) < 0)
                return -errno;
        unlink_documents(tmp_fd, to);
        return 0;
}

static int collect_locked(Store *store, int tmp_fd, Candidate *candidates, size_t n, Fault *fault) {
        AUTO(name_list_done) NameList names = {};
        Draft draft = { .store = store, .fd = tmp_fd };
        int r = store_list_names(store, &names, fault);

        if (r < 0)
                return r;
        for (size_t i = 0; i < n; i++) {
                r = may_go(store, &candidates[i], &names, fault);
                if (r < 0)
                        return r;
                if (r == 0)
                        continue;
                r = take_out_image(store, tmp_fd, &candidates[i]);
                if (r < 0)
                        return store_failed(store, r, "remove an image", fault);
                candidates[i].is_gone = true;
        }
        return store_sweep(store, &draft, fault);
}

int store_collect(Store *store, Candidate *candidates, size_t n, Fault *fault) {
        autofd int tmp_fd = openat(store->fd, "tmp", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        int r, buried;

        for (size_t i = 0; i < n; i++)
                candidates[i].is_gone = false;
        if (tmp_fd < 0)
                return store_failed(store, -errno, "remove images", fault);

        /* What was left from before is in the way of what is to come. */
        if ((r = store_bury(store, fault)) < 0 || (r = store_lock(store, STORE_EXCLUSIVE, fault)) < 0)
                return r;
        r = collect_locked(store, tmp_fd, candidates, n, fault);
        store_unlock(store);

        (void) FAULT_POINT("collect:have taken out images");
        buried = store_bury(store, r < 0 ? NULL : fault);
        return r < 0 ? r : buried;
}
