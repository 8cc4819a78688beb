/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/inside.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

#include "lib/cleanup.h"
#include "lib/io.h"

/* How many components and links there may be to something that has to be made. */
#define DEPTH_MAX 200

int inside_open(int root_fd, const char *path, int flags, int *ret) {
        struct open_how how = {
                .flags = (unsigned) flags | O_CLOEXEC,
                .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
        };
        long fd;

        /* The kernel gives up where another process renames a directory on the way. */
        do
                fd = syscall(SYS_openat2, root_fd, path, &how, sizeof(how));
        while (fd < 0 && errno == EAGAIN);
        if (fd < 0)
                return -errno;
        *ret = (int) fd;
        return 0;
}

/* Splits off the last component. Return: -EINVAL where there is none. */
static int split(const char *path, char **ret_parent, const char **ret_name) {
        size_t n = strlen(path);
        const char *name;

        while (n > 0 && path[n - 1] == '/')
                n--;
        if (n == 0)
                return -EINVAL;
        for (name = path + n; name > path && name[-1] != '/'; name--)
                ;
        if (strncmp(name, "..", 3) == 0 || strncmp(name, ".", 2) == 0)
                return -EINVAL;

        *ret_parent = strndup(path, (size_t) (name - path));
        *ret_name = name;
        return *ret_parent ? 0 : -ENOMEM;
}

static int make_at(int dir_fd, const char *name, InsideKind kind) {
        int fd;

        if (kind == INSIDE_DIRECTORY)
                return mkdirat(dir_fd, name, 0755) < 0 && errno != EEXIST ? -errno : 0;
        fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (fd < 0)
                return errno == EEXIST ? 0 : -errno;
        (void) close(fd);
        return 0;
}

/* The last component of @path without slashes behind it. */
static void plain_name(const char *name, char ret[NAME_MAX + 1]) {
        size_t n = strcspn(name, "/");

        if (n > NAME_MAX)
                n = NAME_MAX;
        memcpy(ret, name, n);
        ret[n] = '\0';
}

/* What the link @name in the directory @parent says, as a path from the root. */
static int read_link(int dir_fd, const char *parent, const char *name, char **ret) {
        char target[PATH_MAX];
        ssize_t n = readlinkat(dir_fd, name, target, sizeof(target) - 1);

        if (n < 0)
                return errno == EINVAL ? -ENOENT : -errno;
        target[n] = '\0';
        if (asprintf(ret, "%s%s%s", *target == '/' ? "" : parent, *target == '/' ? "" : "/", target) < 0)
                return -ENOMEM;
        return 0;
}

static int make_path(int root_fd, const char *path, InsideKind kind, unsigned depth, int *ret) {
        autofree char *parent = NULL, *next = NULL;
        autofd int dir = -1;
        char plain[NAME_MAX + 1];
        const char *name;
        int r;

        if (depth > DEPTH_MAX)
                return -ELOOP;
        r = inside_open(root_fd, path, O_PATH, ret);
        if (r != -ENOENT)
                return r;

        r = split(path, &parent, &name);
        if (r < 0)
                return r;
        r = make_path(root_fd, *parent ? parent : "/", INSIDE_DIRECTORY, depth + 1, &dir);
        if (r < 0)
                return r;
        plain_name(name, plain);
        r = make_at(dir, plain, kind);
        if (r >= 0)
                r = inside_open(root_fd, path, O_PATH, ret);
        if (r != -ENOENT)
                return r;

        /* A link to what is not there yet. */
        r = read_link(dir, parent, plain, &next);
        return r < 0 ? r : make_path(root_fd, next, kind, depth + 1, ret);
}

int inside_make(int root_fd, const char *path, InsideKind kind, int *ret) {
        return make_path(root_fd, path, kind, 0, ret);
}

/* Moves out of the way what is no file: a directory keeps what it has, only not here. */
static int remove_other(int dir_fd, const char *name) {
        struct stat st;

        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (S_ISREG(st.st_mode))
                return 0;
        return unlinkat(dir_fd, name, S_ISDIR(st.st_mode) ? AT_REMOVEDIR : 0) < 0 ? -errno : 0;
}

int inside_replace(int root_fd, const char *path, int *ret) {
        autofree char *parent = NULL;
        autofd int dir = -1;
        char plain[NAME_MAX + 1];
        const char *name;
        int r;

        r = split(path, &parent, &name);
        if (r >= 0)
                r = inside_make(root_fd, *parent ? parent : "/", INSIDE_DIRECTORY, &dir);
        if (r < 0)
                return r;

        plain_name(name, plain);
        r = remove_other(dir, plain);
        if (r >= 0)
                r = make_at(dir, plain, INSIDE_FILE);
        if (r < 0)
                return r;
        *ret = openat(dir, plain, O_PATH | O_NOFOLLOW | O_CLOEXEC);
        return *ret < 0 ? -errno : 0;
}

int inside_force_directory(int root_fd, const char *name, mode_t mode) {
        struct stat st;

        if (fstatat(root_fd, name, &st, AT_SYMLINK_NOFOLLOW) >= 0) {
                if (S_ISDIR(st.st_mode))
                        return 0;
                if (unlinkat(root_fd, name, 0) < 0)
                        return -errno;
        } else if (errno != ENOENT)
                return -errno;
        return mkdirat(root_fd, name, mode) < 0 ? -errno : 0;
}

int inside_read(int root_fd, const char *path, size_t limit, char **ret) {
        autofd int fd = -1;
        struct stat st;
        int r;

        r = inside_open(root_fd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, &fd);
        if (r < 0)
                return r;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || inside_is_proc(fd))
                return -EBADF;
        return io_read_fd(fd, limit, ret, NULL);
}

bool inside_is_proc(int fd) {
        struct statfs st;

        return fstatfs(fd, &st) >= 0 && st.f_type == PROC_SUPER_MAGIC;
}
