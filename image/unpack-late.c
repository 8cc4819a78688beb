/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* What has to wait for the end of the archive: whiteouts, opaque directories, attributes of directories. */

#include <fcntl.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "image/layer-tree.h"
#include "image/unpacker.h"
#include "lib/cleanup.h"

static int through_a_link(const char *path, int r, Fault *fault) {
        if (r == -ELOOP || r == -ENOTDIR)
                return fault_raise(fault, FAULT_HOSTILE, -r,
                                "whiteout '%.200s': its directory is a link or a file in this layer", path);
        return fault_raise(fault, FAULT_SYSTEM, -r, "whiteout '%.200s': %s", path, strerror(-r));
}

static int set_opaque_at(int dir_fd, const char *name) {
        autofd int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

        return fd < 0 ? -errno : tree_set_opaque(fd);
}

/* Whether a container would see something there without the whiteout. */
static bool is_seen(Unpacker *unpacker, const char *path) {
        autofd int fd = tree_find(unpacker->roots, unpacker->n_roots, path);

        return fd >= 0;
}

/*
 * A whiteout is about the layers below only. So if this layer has something in that place, that stays, and a
 * directory must not be merged with theirs. Where nothing is hidden there is no whiteout: overlayfs shows
 * the node itself if the directory is not merged with any.
 */
static int apply_whiteout(Unpacker *unpacker, const char *hidden, const Late *late, Fault *fault) {
        char path[PATH_MAX], *name;
        const char *parent;
        autofd int fd = -1;
        struct stat st;
        int dir_fd, r;

        (void) stpcpy(path, hidden);
        parent = tree_split(path, &name);

        fd = tree_open(unpacker->root_fd, parent, O_PATH, false);
        if (fd < 0 && fd != -ENOENT)
                return through_a_link(hidden, fd, fault);
        if (fd >= 0 && fstatat(fd, name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
                r = S_ISDIR(st.st_mode) ? set_opaque_at(fd, name) : 0;
                return r < 0 ? through_a_link(hidden, r, fault) : 0;
        }
        if (!is_seen(unpacker, hidden))
                return 0;

        dir_fd = unpack_parent(unpacker, parent, &late->attributes.mtime, fault);
        if (dir_fd < 0)
                return dir_fd;
        if (mknodat(dir_fd, name, S_IFCHR, makedev(0, 0)) < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot make the whiteout '%.200s': %s",
                                hidden, strerror(errno));
        return 0;
}

/* Overlayfs merges roots whatever they say, so all that is in the roots below is hidden name by name. */
static int hide_root(Unpacker *unpacker, int root_fd, Fault *fault) {
        autoclosedir DIR *dir = NULL;
        struct dirent *entry;
        int r, fd = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

        dir = fd < 0 ? NULL : fdopendir(fd);
        if (!dir)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read the layer below: %s",
                                strerror(errno));
        while ((entry = readdir(dir))) {
                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                r = late_add(unpacker, LATE_WHITEOUT, entry->d_name, NULL, fault);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int apply_opaque(Unpacker *unpacker, const char *path, const Late *late, Fault *fault) {
        autofd int fd = -1;
        int r = 0;

        if (*path == '\0') {
                for (size_t i = 1; i < unpacker->n_roots && r >= 0; i++)
                        r = hide_root(unpacker, unpacker->roots[i], fault);
                return r;
        }

        fd = tree_open(unpacker->root_fd, path, O_RDONLY, false);
        if (fd == -ENOENT) {
                if (!is_seen(unpacker, path))
                        return 0;
                r = unpack_parent(unpacker, path, &late->attributes.mtime, fault);
                if (r < 0)
                        return r;
                fd = tree_open(unpacker->root_fd, path, O_RDONLY, false);
        }
        if (fd < 0)
                return through_a_link(path, fd, fault);
        r = tree_set_opaque(fd);
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r,
                                       "cannot hide what is below '%.200s': %s (the store must be on a file "
                                       "system "
                                       "with extended attributes)",
                                       path, strerror(-r))
                     : 0;
}

/*
 * A directory that the archive does not mention looks as it does in the layers below: it will hide theirs,
 * and /tmp must not lose its mode because somebody added a file to it.
 */
static int take_after_below(Unpacker *unpacker, const char *path, int fd, Attributes *attributes) {
        autofd int below = tree_find(unpacker->roots + 1, unpacker->n_roots - 1, path);
        struct stat st;

        if (below < 0 || fstat(below, &st) < 0 || !S_ISDIR(st.st_mode))
                return 0;
        attributes_from_stat(&st, attributes);
        return *path ? xattrs_copy(below, fd, true) : 0;
}

/* In the order of the archive, so that the last word wins. What was replaced by something else has none. */
static int apply_directory(Unpacker *unpacker, const char *path, const Late *late, Fault *fault) {
        autofd int fd = tree_open(unpacker->root_fd, path, O_RDONLY | O_NOFOLLOW, true);
        Attributes attributes = late->attributes;
        int r;

        if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
                return 0;
        r = fd;
        if (r >= 0 && late->implied)
                r = take_after_below(unpacker, path, fd, &attributes);
        if (r >= 0)
                r = attributes_apply_fd(&attributes, fd);
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r,
                                       "cannot set owner, mode or time of the directory '%.200s': %s", path,
                                       strerror(-r))
                     : 0;
}

int late_apply(Unpacker *unpacker, Fault *fault) {
        static int (*const apply[_LATE_KIND_MAX])(
                        Unpacker * unpacker, const char *path, const Late *late, Fault *fault) = {
                [LATE_OPAQUE] = apply_opaque,
                [LATE_WHITEOUT] = apply_whiteout,
                [LATE_DIRECTORY] = apply_directory,
        };

        for (int kind = 0; kind < _LATE_KIND_MAX; kind++) {
                char path[PATH_MAX];
                size_t at = 0;
                Late late;

                /* The list may grow meanwhile, with directories that had to be made. */
                while (late_next(&unpacker->late[kind], &at, path, &late)) {
                        int r = apply[kind](unpacker, path, &late, fault);

                        if (r < 0)
                                return r;
                }
        }
        return 0;
}
