/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/use.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "image/lookup.h"
#include "image/reference.h"
#include "lib/strv.h"

void image_touch(const Store *store, const Digest *id) {
        char path[16 + DIGEST_HEX];

        (void) snprintf(path, sizeof(path), "images/%s", id->hex);
        (void) utimensat(store->fd, path, NULL, AT_SYMLINK_NOFOLLOW);
}

static int time_of(const Store *store, const char *path, int64_t *ret) {
        struct stat st;

        if (fstatat(store->fd, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        *ret = (int64_t) st.st_mtim.tv_sec * 1000000 + st.st_mtim.tv_nsec / 1000;
        return 0;
}

int image_last_use(const Store *store, const Digest *id, int64_t *ret) {
        char path[16 + DIGEST_HEX];

        (void) snprintf(path, sizeof(path), "images/%s", id->hex);
        return time_of(store, path, ret);
}

int image_name_since(const Store *store, const char *name, int64_t *ret) {
        autofree char *file = NULL;
        char path[NAME_MAX + 8];
        int r = reference_escape(name, &file);

        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "names/%s", file);
        return time_of(store, path, ret);
}

static int cannot_change(const Store *store, const char *what, int error, Fault *fault) {
        return fault_raise(fault, FAULT_SYSTEM, error, "cannot change '%.200s/pins', which has %.200s: %s",
                        store->path, what, strerror(error));
}

/* A name that leads nowhere yet may be pinned; the beginning of an id has to be that of an image. */
static int resolve(Store *store, const char *text, char **ret_pin, char **ret_file, Fault *fault) {
        autofree char *name = NULL, *file = NULL;
        Digest id;
        int r = image_find(store, text, &id, &name, fault);

        if (r == -ENOENT && (strncmp(text, "sha256:", 7) == 0 || digest_is_hex(text, DIGEST_HEX)))
                return r;
        if (r == -ENOENT) {
                fault_clear(fault);
                r = reference_normalise(text, &name, fault);
        }
        if (r < 0)
                return r;
        if (!name && asprintf(&name, "sha256:%s", id.hex) < 0) {
                name = NULL;
                return -ENOMEM;
        }
        r = reference_escape(name, &file);
        if (r < 0)
                return r;
        *ret_pin = TAKE(name);
        *ret_file = TAKE(file);
        return 0;
}

int pin_add(Store *store, const char *text, char **ret, Fault *fault) {
        autofree char *pin = NULL, *file = NULL;
        autofd int pins = -1, fd = -1;
        Digest id;
        int r = resolve(store, text, &pin, &file, fault);

        if (r < 0)
                return r;
        if (mkdirat(store->fd, "pins", 0700) < 0 && errno != EEXIST)
                return cannot_change(store, pin, errno, fault);
        pins = openat(store->fd, "pins", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (pins < 0)
                return cannot_change(store, pin, errno, fault);
        fd = openat(pins, file, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (fd < 0 || fsync(pins) < 0)
                return cannot_change(store, pin, errno, fault);
        /* A collection that is under way has looked at pins already; at this it looks again. */
        if (image_find(store, text, &id, NULL, NULL) >= 0)
                image_touch(store, &id);
        if (ret)
                *ret = TAKE(pin);
        return 0;
}

int pin_remove(Store *store, const char *text, char **ret, Fault *fault) {
        autofree char *pin = NULL, *file = NULL;
        char path[NAME_MAX + 8];
        int r = resolve(store, text, &pin, &file, fault);

        /* The image of an id may be gone by now. */
        if (r == -ENOENT) {
                if (asprintf(&pin, "sha256:%s", strncmp(text, "sha256:", 7) == 0 ? text + 7 : text) < 0) {
                        pin = NULL;
                        return -ENOMEM;
                }
                fault_clear(fault);
                r = reference_escape(pin, &file);
        }
        if (r < 0)
                return r;
        (void) snprintf(path, sizeof(path), "pins/%s", file);
        if (unlinkat(store->fd, path, 0) < 0)
                return errno == ENOENT ? fault_raise(fault, FAULT_MISSING, ENOENT,
                                                         "'%.200s' is not pinned; 'slipway gc --pinned' "
                                                         "shows what is",
                                                         pin)
                                       : cannot_change(store, pin, errno, fault);
        if (ret)
                *ret = TAKE(pin);
        return 0;
}

static int compare(const void *a, const void *b) {
        return strcmp(*(char *const *) a, *(char *const *) b);
}

int pin_list(const Store *store, char ***ret, Fault *fault) {
        int fd = openat(store->fd, "pins", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        autoclosedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        autostrv char **list = NULL;
        struct dirent *entry;
        int r = 0;

        if (!dir && fd >= 0)
                (void) close(fd);
        if (!dir && errno == ENOENT) {
                *ret = NULL;
                return 0;
        }
        while (dir && r >= 0 && (errno = 0, entry = readdir(dir))) {
                autofree char *name = NULL;

                if (entry->d_name[0] == '.' || reference_unescape(entry->d_name, &name) < 0)
                        continue;
                r = strv_append(&list, name);
        }
        if (r < 0)
                return r;
        if (errno != 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read '%.200s/pins': %s", store->path,
                                strerror(errno));
        if (list)
                qsort(list, strv_length(list), sizeof(char *), compare);
        *ret = TAKE(list);
        return 0;
}
