/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/secret-store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>

#include "lib/cleanup.h"
#include "lib/credentials.h"
#include "lib/io.h"

/* In the order in which a unit of ours looks, see lib/credentials.h. The first of a kind is for writing. */
static const struct {
        SecretKind kind;
        const char *path;
} places[] = {
        { SECRET_ENCRYPTED, CREDSTORE_ENCRYPTED_DIR },
        { SECRET_PLAIN, CREDSTORE_DIR },
        { SECRET_PLAIN, "/run/credstore" },
        { SECRET_PLAIN, "/usr/local/lib/credstore" },
        { SECRET_PLAIN, "/usr/lib/credstore" },
};

/* ".NAME.PID~", as io_replace_file() calls what is not whole yet. Nobody is writing: the store is ours. */
static int remove_drafts(int fd) {
        autoclosedir DIR *directory = NULL;
        struct dirent *entry;
        int own = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        directory = own < 0 ? NULL : fdopendir(own);
        if (!directory)
                return -errno;
        while ((errno = 0, entry = readdir(directory))) {
                size_t n = strlen(entry->d_name);

                if (n > 2 && entry->d_name[0] == '.' && entry->d_name[n - 1] == '~')
                        (void) unlinkat(fd, entry->d_name, 0);
        }
        return -errno;
}

static int open_directory(const char *root, const char *place, int *ret, Fault *fault) {
        autofree char *path = NULL;
        autofd int fd = -1;
        int r;

        if (asprintf(&path, "%s%s", root, place) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        r = mkdir(path, 0700) < 0 && errno != EEXIST ? -errno : 0;
        if (r >= 0) {
                fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
                r = fd < 0 || flock(fd, LOCK_EX) < 0 ? -errno : 0;
        }
        if (r >= 0)
                r = remove_drafts(fd);
        if (r == -EACCES)
                return fault_raise(
                                fault, FAULT_SYSTEM, EACCES, "only root can look into '%s'; try sudo", path);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot open the store of secrets '%s': %s",
                                path, strerror(-r));
        *ret = TAKE_FD(fd);
        return 0;
}

int secret_store_open(const char *root, SecretStore *ret, Fault *fault) {
        AUTO(secret_store_close) SecretStore store = SECRET_STORE_CLOSED;
        int r;

        r = open_directory(root, places[0].path, &store.fds[SECRET_ENCRYPTED], fault);
        if (r >= 0)
                r = open_directory(root, places[1].path, &store.fds[SECRET_PLAIN], fault);
        if (r < 0)
                return r;
        *ret = store;
        store = (SecretStore) SECRET_STORE_CLOSED;
        return 0;
}

void secret_store_close(SecretStore *store) {
        for (size_t i = 0; i < ELEMENTS(store->fds); i++) {
                fd_closep(&store->fds[i]);
                store->fds[i] = -1;
        }
}

int secret_store_check(const SecretStore *store, const char *name, bool replace, Fault *fault) {
        for (size_t i = 0; i < ELEMENTS(store->fds) && !replace; i++)
                if (faccessat(store->fds[i], name, F_OK, AT_SYMLINK_NOFOLLOW) >= 0)
                        return fault_raise(fault, FAULT_CONFLICT, EEXIST,
                                        "there is a secret '%s' already; --replace puts another in its "
                                        "place",
                                        name);
        return 0;
}

int secret_store_put(const SecretStore *store, const char *name, SecretKind kind, const void *data,
                size_t size, Fault *fault) {
        int r = io_replace_file(store->fds[kind], name, data, size, 0600);

        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot write the secret '%s': %s", name,
                                strerror(-r));

        /* Until now the other one counted, or will if we end here: it is the old one, and whole. */
        for (SecretKind other = 0; other < _SECRET_KIND_MAX; other++)
                if (other != kind && unlinkat(store->fds[other], name, 0) < 0 && errno != ENOENT)
                        return fault_raise(fault, FAULT_SYSTEM, errno,
                                        "cannot remove what the secret '%s' replaces: %s", name,
                                        strerror(errno));
        return 0;
}

int secret_store_remove(const SecretStore *store, const char *name, Fault *fault) {
        bool found = false;

        for (size_t i = 0; i < ELEMENTS(store->fds); i++) {
                if (unlinkat(store->fds[i], name, 0) >= 0) {
                        found = true;
                        (void) fsync(store->fds[i]);
                } else if (errno != ENOENT)
                        return fault_raise(fault, FAULT_SYSTEM, errno, "cannot remove the secret '%s': %s",
                                        name, strerror(errno));
        }
        if (!found)
                return fault_raise(fault, FAULT_MISSING, ENOENT,
                                "there is no secret '%s' in " CREDSTORE_ENCRYPTED_DIR " or " CREDSTORE_DIR,
                                name);
        return 0;
}

static bool is_listed(const SecretList *list, const char *name) {
        for (size_t i = 0; i < list->n; i++)
                if (strcmp(list->items[i].name, name) == 0)
                        return true;
        return false;
}

static int add(SecretList *list, const Secret *secret) {
        Secret *grown = reallocarray(list->items, list->n + 1, sizeof(Secret));

        if (!grown)
                return -ENOMEM;
        list->items = grown;
        list->items[list->n++] = *secret;
        return 0;
}

static int add_file(SecretList *list, int directory, const char *path, const char *name, SecretKind kind) {
        Secret secret = { .kind = kind };
        int r;

        if (!secret_name_is_valid(name) || is_listed(list, name) ||
                        fstatat(directory, name, &secret.st, 0) < 0 || !S_ISREG(secret.st.st_mode))
                return 0;
        secret.name = strdup(name);
        if (asprintf(&secret.path, "%s/%s", path, name) < 0)
                secret.path = NULL;
        r = secret.name && secret.path ? add(list, &secret) : -ENOMEM;
        if (r < 0) {
                free(secret.name);
                free(secret.path);
        }
        return r;
}

static int add_directory(SecretList *list, const char *path, SecretKind kind) {
        autoclosedir DIR *directory = opendir(path);
        struct dirent *entry;
        int r = 0;

        if (!directory)
                return errno == ENOENT ? 0 : -errno;
        while (r >= 0 && (errno = 0, entry = readdir(directory)))
                r = add_file(list, dirfd(directory), path, entry->d_name, kind);
        return r < 0 ? r : -errno;
}

static int compare_name(const void *a, const void *b) {
        return strcmp(((const Secret *) a)->name, ((const Secret *) b)->name);
}

int secret_list_load(const char *root, SecretList *ret, Fault *fault) {
        AUTO(secret_list_done) SecretList list = {};

        for (size_t i = 0; i < ELEMENTS(places); i++) {
                autofree char *path = NULL;
                int r;

                if (asprintf(&path, "%s%s", root, places[i].path) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }
                r = add_directory(&list, path, places[i].kind);
                if (r == -EACCES)
                        return fault_raise(fault, FAULT_SYSTEM, EACCES,
                                        "only root can look into '%s'; try sudo", path);
                if (r < 0)
                        return fault_raise(fault, FAULT_SYSTEM, -r,
                                        "cannot read the store of secrets '%s': %s", path, strerror(-r));
        }
        if (list.n > 0)
                qsort(list.items, list.n, sizeof(Secret), compare_name);
        *ret = list;
        list = (SecretList){};
        return 0;
}

void secret_list_done(SecretList *list) {
        for (size_t i = 0; i < list->n; i++) {
                free(list->items[i].name);
                free(list->items[i].path);
        }
        free(list->items);
        *list = (SecretList){};
}
