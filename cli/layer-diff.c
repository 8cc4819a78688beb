/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/layer-diff.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "lib/cleanup.h"
#include "lib/strv.h"

enum { DEPTH_MAX = 2000 };

typedef struct Walk {
        int *lower; /* directories, base first */
        size_t n_lower;
        char *const *hidden;
        LayerChanges changes;
        unsigned depth;
} Walk;

void layer_changes_done(LayerChanges *changes) {
        for (size_t i = 0; i < changes->n; i++)
                free(changes->list[i].path);
        free(changes->list);
        *changes = (LayerChanges){};
}

static bool is_whiteout(const struct stat *st) {
        return S_ISCHR(st->st_mode) && major(st->st_rdev) == 0 && minor(st->st_rdev) == 0;
}

static bool is_opaque(int fd) {
        char value = '\0';

        return fgetxattr(fd, "trusted.overlay.opaque", &value, 1) == 1 && value == 'y';
}

/* --- layers below --- */

typedef enum Found {
        FOUND_NOTHING, /* look further below */
        FOUND_FILE,
        FOUND_END, /* it is not there, whatever is further below */
} Found;

static int open_in(int layer, const char *path, int flags) {
        struct open_how how = {
                .flags = (unsigned) flags | O_CLOEXEC,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
        };

        return (int) syscall(SYS_openat2, layer, path, &how, sizeof(how));
}

/* A layer that has made a directory anew hides what those below had in it. */
static Found look_above(int layer, const char *path) {
        autofree char *parent = strdup(path);

        for (char *slash; parent && (slash = strrchr(parent, '/'));) {
                autofd int fd = -1;

                *slash = '\0';
                fd = open_in(layer, parent, O_RDONLY | O_DIRECTORY);
                if (fd >= 0 && is_opaque(fd))
                        return FOUND_END;
                /* Something else in its place, a whiteout for instance. */
                if (fd < 0 && errno != ENOENT)
                        return FOUND_END;
        }
        return FOUND_NOTHING;
}

static Found look_in(int layer, const char *path) {
        autofd int fd = open_in(layer, path, O_PATH | O_NOFOLLOW);
        struct stat st;

        if (fd >= 0 && fstat(fd, &st) >= 0)
                return is_whiteout(&st) ? FOUND_END : FOUND_FILE;
        return look_above(layer, path);
}

static bool is_below(const Walk *walk, const char *path) {
        for (size_t i = walk->n_lower; i-- > 0;) {
                Found found = look_in(walk->lower[i], path);

                if (found != FOUND_NOTHING)
                        return found == FOUND_FILE;
        }
        return false;
}

/* --- the writable layer --- */

static int add(Walk *walk, char kind, const char *path) {
        LayerChanges *changes = &walk->changes;
        char *copy;

        if (changes->n == changes->room) {
                size_t room = changes->room > 0 ? 2 * changes->room : 64;
                LayerChange *grown = reallocarray(changes->list, room, sizeof(*grown));

                if (!grown)
                        return -ENOMEM;
                changes->list = grown;
                changes->room = room;
        }
        if (asprintf(&copy, "/%s", path) < 0)
                return -ENOMEM;
        changes->list[changes->n++] = (LayerChange){ kind, copy };
        return 0;
}

static bool is_hidden(const Walk *walk, const char *path) {
        for (char *const *hidden = walk->hidden; hidden && *hidden; hidden++)
                if (strcmp(*hidden + 1, path) == 0)
                        return true;
        return false;
}

static int walk_directory(Walk *walk, int fd, const char *path, bool is_new);

static int walk_entry(Walk *walk, int parent, const char *name, const char *path, bool is_new) {
        bool was_there;
        autofd int fd = -1;
        struct stat st;
        int r;

        if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        was_there = !is_new && is_below(walk, path);
        if (is_whiteout(&st))
                return was_there ? add(walk, 'D', path) : 0;
        r = add(walk, was_there ? 'C' : 'A', path);
        if (r < 0 || !S_ISDIR(st.st_mode))
                return r;
        fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (fd < 0)
                return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
        return walk_directory(walk, fd, path, !was_there || is_opaque(fd));
}

/* @is_new: nothing below of it can have been in the image. */
static int walk_directory(Walk *walk, int fd, const char *path, bool is_new) {
        int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
        autoclosedir DIR *directory = copy < 0 ? NULL : fdopendir(copy);
        struct dirent *entry;

        if (!directory)
                return -errno;
        if (walk->depth >= DEPTH_MAX)
                return -ELOOP;
        walk->depth++;
        while (r >= 0 && (entry = readdir(directory))) {
                autofree char *child = NULL;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                if (asprintf(&child, "%s%s%s", path, *path ? "/" : "", entry->d_name) < 0)
                        return -ENOMEM;
                if (!is_hidden(walk, child))
                        r = walk_entry(walk, fd, entry->d_name, child, is_new);
        }
        walk->depth--;
        return r;
}

static int compare(const void *a, const void *b) {
        return strcmp(((const LayerChange *) a)->path, ((const LayerChange *) b)->path);
}

static int walk_all(Walk *walk, const char *upper, char *const *lower, size_t n_lower) {
        autofd int fd = open(upper, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

        if (fd < 0)
                return -errno;
        for (; walk->n_lower < n_lower; walk->n_lower++) {
                int layer = open(lower[walk->n_lower], O_PATH | O_DIRECTORY | O_CLOEXEC);

                if (layer < 0)
                        return -errno;
                walk->lower[walk->n_lower] = layer;
        }
        return walk_directory(walk, fd, "", false);
}

int layer_diff(const char *upper, char *const *lower, size_t n_lower, char *const *hidden,
                LayerChanges *ret) {
        autofree int *fds = calloc(n_lower + 1, sizeof(int));
        Walk walk = { .lower = fds, .hidden = hidden };
        int r;

        if (!fds)
                return -ENOMEM;
        r = walk_all(&walk, upper, lower, n_lower);
        while (walk.n_lower > 0)
                (void) close(fds[--walk.n_lower]);
        if (r < 0) {
                layer_changes_done(&walk.changes);
                return r;
        }
        if (walk.changes.n > 0)
                qsort(walk.changes.list, walk.changes.n, sizeof(LayerChange), compare);
        *ret = walk.changes;
        return 0;
}
