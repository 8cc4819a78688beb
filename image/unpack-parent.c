/* SPDX-License-Identifier: LGPL-2.1-or-later */

/* The directories of a layer: the way to them, and those that an archive does not mention. */

#include <fcntl.h>
#include <string.h>

#include "image/layer-tree.h"
#include "image/unpacker.h"
#include "lib/cleanup.h"

void unpack_forget_parent(Unpacker *unpacker) {
        if (unpacker->parent_fd >= 0)
                (void) close(unpacker->parent_fd);
        unpacker->parent_fd = -1;
}

/* What it shall look like is found out when the layers below are there. */
static int make_implied(Unpacker *unpacker, int dir_fd, const char *name, const char *path,
                const struct timespec *mtime, Fault *fault) {
        const Late late = { { .mode = S_IFDIR | 0755, .mtime = *mtime }, .implied = true };

        if (mkdirat(dir_fd, name, 0700) < 0)
                return errno == EEXIST ? fault_raise(fault, FAULT_HOSTILE, ELOOP,
                                                         "'%.200s' is a link that leads nowhere", path)
                                       : fault_raise(fault, FAULT_SYSTEM, errno, "cannot make '%.200s': %s",
                                                         path, strerror(errno));
        return late_add(unpacker, LATE_DIRECTORY, path, &late, fault);
}

static int not_a_directory(int r, const char *path, Fault *fault) {
        if (r == -ENOTDIR || r == -ELOOP)
                return fault_raise(
                                fault, FAULT_HOSTILE, -r, "'%.200s' is not a directory in this layer", path);
        return fault_raise(fault, FAULT_SYSTEM, -r, "cannot open '%.200s': %s", path, strerror(-r));
}

/* Goes from the root to the directory, making what is missing. */
static int open_or_make(Unpacker *unpacker, const char *path, const struct timespec *mtime, Fault *fault) {
        autofd int at = tree_open(unpacker->root_fd, "", O_PATH, false);
        char prefix[PATH_MAX];

        for (const char *end = path; *end && at >= 0;) {
                const char *slash, *start = end;
                int next, r;

                end = strchrnul(end, '/');
                memcpy(prefix, path, (size_t) (end - path));
                prefix[end - path] = '\0';
                if (*end)
                        end++;

                next = tree_open(unpacker->root_fd, prefix, O_PATH, true);
                if (next == -ENOENT) {
                        slash = prefix + (start - path);
                        r = make_implied(unpacker, at, slash, prefix, mtime, fault);
                        if (r < 0)
                                return r;
                        next = openat(at, slash, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
                        next = next < 0 ? -errno : next;
                }
                if (next < 0)
                        return not_a_directory(next, prefix, fault);
                (void) close(at);
                at = next;
        }
        return TAKE_FD(at);
}

int unpack_parent(Unpacker *unpacker, const char *path, const struct timespec *mtime, Fault *fault) {
        int fd;

        if (unpacker->parent_fd >= 0 && strcmp(unpacker->parent, path) == 0)
                return unpacker->parent_fd;

        fd = tree_open(unpacker->root_fd, path, O_PATH, true);
        if (fd == -ENOENT)
                fd = open_or_make(unpacker, path, mtime, fault);
        else if (fd < 0)
                return not_a_directory(fd, path, fault);
        if (fd < 0)
                return fd;

        unpack_forget_parent(unpacker);
        unpacker->parent_fd = fd;
        (void) stpcpy(unpacker->parent, path);
        return fd;
}
