/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/copy-tree.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "nspawn-glue/copy-attributes.h"

#define DEPTH_MAX 128

static int copy_below(int from, int to, const CopyOwners *owners, unsigned depth);

/* Ownership first: it clears set-user-id bits, and capabilities. */
static int copy_metadata(int from, int to, const struct stat *st, const CopyOwners *owners) {
        const struct timespec times[2] = { st->st_atim, st->st_mtim };
        int r = 0;

        if (fchown(to, copy_shift(owners, st->st_uid), copy_shift(owners, st->st_gid)) < 0 ||
                        fchmod(to, st->st_mode & 07777) < 0)
                return -errno;
        if (owners && owners->attributes)
                r = copy_attributes(from, to, owners);
        if (r >= 0 && futimens(to, times) < 0)
                r = -errno;
        return r;
}

static int copy_data(int from, int to) {
        for (;;) {
                ssize_t n = sendfile(to, from, NULL, 1 << 20);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return 0;
        }
}

static int copy_file(int from_dir, int to_dir, const char *name, const CopyOwners *owners) {
        autofd int from = openat(from_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC), to = -1;
        struct stat st;
        int r;

        if (from < 0 || fstat(from, &st) < 0)
                return -errno;
        /* It was one when it was looked at. */
        if (!S_ISREG(st.st_mode))
                return 0;
        to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
        if (to < 0)
                return -errno;
        r = copy_data(from, to);
        return r < 0 ? r : copy_metadata(from, to, &st, owners);
}

static int copy_directory(int from_dir, int to_dir, const char *name, const struct stat *st,
                const CopyOwners *owners, unsigned depth) {
        autofd int from = openat(from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), to = -1;
        int r;

        if (depth >= DEPTH_MAX)
                return -ELOOP;
        if (from < 0 || mkdirat(to_dir, name, 0700) < 0)
                return -errno;
        to = openat(to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (to < 0)
                return -errno;
        r = copy_below(from, to, owners, depth + 1);
        return r < 0 ? r : copy_metadata(from, to, st, owners);
}

static int copy_link(int from_dir, int to_dir, const char *name, const struct stat *st,
                const CopyOwners *owners) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(from_dir, name, target, sizeof(target) - 1);

        if (n < 0)
                return -errno;
        target[n] = '\0';
        if (symlinkat(target, to_dir, name) < 0 ||
                        fchownat(to_dir, name, copy_shift(owners, st->st_uid),
                                        copy_shift(owners, st->st_gid), AT_SYMLINK_NOFOLLOW) < 0)
                return -errno;
        return 0;
}

static int copy_entry(int from, int to, const char *name, const CopyOwners *owners, unsigned depth) {
        struct stat st;

        if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (S_ISREG(st.st_mode))
                return copy_file(from, to, name, owners);
        if (S_ISDIR(st.st_mode))
                return copy_directory(from, to, name, &st, owners, depth);
        if (S_ISLNK(st.st_mode))
                return copy_link(from, to, name, &st, owners);
        return 0;
}

static int copy_below(int from, int to, const CopyOwners *owners, unsigned depth) {
        int again = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autoclosedir DIR *dir = again < 0 ? NULL : fdopendir(again);
        struct dirent *entry;

        if (!dir)
                return -errno;
        while ((errno = 0, entry = readdir(dir))) {
                int r;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                r = copy_entry(dirfd(dir), to, entry->d_name, owners, depth);
                if (r < 0)
                        return r;
        }
        return -errno;
}

int copy_tree(int from_fd, int to_fd) {
        return copy_below(from_fd, to_fd, NULL, 0);
}

int copy_tree_shifted(int from_fd, int to_fd, const CopyOwners *owners) {
        return copy_below(from_fd, to_fd, owners, 0);
}

int copy_root_shifted(int from_fd, int to_fd, const CopyOwners *owners) {
        struct stat st;

        return fstat(from_fd, &st) < 0 ? -errno : copy_metadata(from_fd, to_fd, &st, owners);
}
