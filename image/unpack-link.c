/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* Hard links, within the layer or to a file of a layer below, and what they replace. */

#include <fcntl.h>
#include <string.h>

#include "image/layer-tree.h"
#include "image/unpacker.h"
#include "lib/cleanup.h"
#include "lib/remove-tree.h"

int unpack_clear(Unpacker *unpacker, int dir_fd, const char *name, Fault *fault) {
        int r = tar_split_set_aside(unpacker->tar, dir_fd, name);

        if (r == 0 && unlinkat(dir_fd, name, 0) < 0)
                r = errno == EISDIR || errno == EPERM ? remove_tree(dir_fd, name) : -errno;

        /* The path of the directory we remember may lead elsewhere from now on. No path is called "/". */
        (void) stpcpy(unpacker->parent, "/");
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot remove what is in its place: %s",
                                       strerror(-r))
                     : 0;
}

static int copy_content(Unpacker *unpacker, int from_fd, int to_fd, Fault *fault) {
        ssize_t n;
        int r;

        while ((n = copy_file_range(from_fd, NULL, to_fd, NULL, 1 << 30, 0)) > 0) {
                r = unpack_spend(unpacker, (uint64_t) n, fault);
                if (r < 0)
                        return r;
        }
        return n < 0 ? fault_raise(fault, FAULT_SYSTEM, errno, "cannot copy the file below: %s",
                                       strerror(errno))
                     : 0;
}

static int copy_file(Unpacker *unpacker, int from_fd, const struct stat *st, int dir_fd, const char *name,
                Fault *fault) {
        Attributes attributes;
        autofd int to_fd = -1;
        int r;

        to_fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        st->st_mode & 0777);
        if (to_fd < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot create it: %s", strerror(errno));
        r = copy_content(unpacker, from_fd, to_fd, fault);
        if (r < 0)
                return r;

        attributes_from_stat(st, &attributes);
        r = attributes_apply_fd(&attributes, to_fd);
        if (r >= 0)
                r = xattrs_copy(from_fd, to_fd, false);
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot set its attributes: %s", strerror(-r))
                     : 0;
}

static int copy_symlink(int from_fd, const struct stat *st, int dir_fd, const char *name, Fault *fault) {
        char target[PATH_MAX];
        Attributes attributes;
        ssize_t n = readlinkat(from_fd, "", target, sizeof(target) - 1);
        int r;

        if (n < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot read the link below: %s",
                                strerror(errno));
        target[n] = '\0';
        if (symlinkat(target, dir_fd, name) < 0)
                return fault_raise(fault, FAULT_SYSTEM, errno, "cannot create it: %s", strerror(errno));
        attributes_from_stat(st, &attributes);
        r = attributes_apply_at(&attributes, dir_fd, name);
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot set its attributes: %s", strerror(-r))
                     : 0;
}

/* The target is in a layer below: overlayfs would copy it up, so we do. */
static int copy_from_below(
                Unpacker *unpacker, const char *target, int dir_fd, const char *name, Fault *fault) {
        autofd int from_fd = -1;
        struct stat st;
        int r = unpack_need_below(unpacker, fault);

        if (r < 0)
                return r;
        from_fd = tree_find(unpacker->roots + 1, unpacker->n_roots - 1, target);
        if (from_fd == -ENOENT)
                return fault_raise(fault, FAULT_HOSTILE, ENOENT,
                                "it is a hard link to '%.200s', which is not in the image", target);
        if (from_fd < 0 || fstat(from_fd, &st) < 0)
                return fault_raise(fault, FAULT_SYSTEM, from_fd < 0 ? -from_fd : errno,
                                "cannot open '%.200s' below", target);

        if (S_ISREG(st.st_mode))
                return copy_file(unpacker, from_fd, &st, dir_fd, name, fault);
        if (S_ISLNK(st.st_mode))
                return copy_symlink(from_fd, &st, dir_fd, name, fault);
        return fault_raise(fault, FAULT_HOSTILE, EPERM, "it is a hard link to '%.200s', which is no file",
                        target);
}

/* Return: 0, -ENOENT when it is not in this layer, -errno. */
static int link_within(Unpacker *unpacker, const char *target, int dir_fd, const char *name) {
        char parent[PATH_MAX], *last;
        autofd int from_fd = -1;

        (void) stpcpy(parent, target);
        from_fd = tree_open(unpacker->root_fd, *tree_split(parent, &last) ? parent : "", O_PATH, true);
        if (from_fd < 0)
                return from_fd == -ENOTDIR ? -ENOENT : from_fd;
        return linkat(from_fd, last, dir_fd, name, 0) < 0 ? -errno : 0;
}

int unpack_hard_link(Unpacker *unpacker, Entry *entry, int dir_fd, const char *name, Fault *fault) {
        const char *raw = archive_entry_hardlink(entry->archive);
        char target[PATH_MAX];
        int r;

        r = tree_normalise(raw, target, fault);
        if (r < 0)
                return fault_wrap(fault, r, "it is a hard link");
        if (*target == '\0')
                return fault_raise(
                                fault, FAULT_HOSTILE, EPERM, "it is a hard link to the root of the layer");
        if (strcmp(target, entry->path) == 0)
                return 0;

        r = link_within(unpacker, target, dir_fd, name);
        if (r == -EEXIST) {
                r = unpack_clear(unpacker, dir_fd, name, fault);
                if (r < 0)
                        return r;
                r = link_within(unpacker, target, dir_fd, name);
        }
        if (r == -ENOENT)
                return copy_from_below(unpacker, target, dir_fd, name, fault);
        if (r == -EPERM)
                return fault_raise(fault, FAULT_HOSTILE, EPERM, "it is a hard link to a directory");
        return r < 0 ? fault_raise(fault, FAULT_SYSTEM, -r, "cannot link it to '%.200s': %s", target,
                                       strerror(-r))
                     : 0;
}
