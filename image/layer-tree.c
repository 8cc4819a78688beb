/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/layer-tree.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "lib/cleanup.h"

#define OPAQUE "trusted.overlay.opaque"

int tree_normalise(const char *raw, char *ret, Fault *fault) {
        size_t used = 0;

        for (const char *at = raw; *at;) {
                size_t n = strcspn(at, "/");

                if (n == 2 && memcmp(at, "..", 2) == 0)
                        return fault_raise(fault, FAULT_HOSTILE, EPERM,
                                        "its name leads out of the layer by '..'");
                if (n > NAME_MAX || used + n + 2 > PATH_MAX)
                        return fault_raise(fault, FAULT_HOSTILE, ENAMETOOLONG, "its name is too long");
                if (n > 0 && !(n == 1 && *at == '.')) {
                        if (used > 0)
                                ret[used++] = '/';
                        memcpy(ret + used, at, n);
                        used += n;
                }
                at += n;
                at += strspn(at, "/");
        }
        ret[used] = '\0';
        return 0;
}

char *tree_split(char *path, char **ret_name) {
        char *slash = strrchr(path, '/');

        if (slash) {
                *slash = '\0';
                *ret_name = slash + 1;
                return path;
        }
        *ret_name = path;
        return path + strlen(path); /* empty */
}

int tree_open(int root_fd, const char *path, int flags, bool links) {
        struct open_how how = {
                .flags = (uint64_t) (flags | O_DIRECTORY | O_CLOEXEC),
                .resolve = RESOLVE_NO_MAGICLINKS |
                           (links ? RESOLVE_IN_ROOT : RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS),
        };
        int fd;

        /* Resolving ".." of a link fails with EAGAIN when anything on the machine is renamed meanwhile. */
        do
                fd = (int) syscall(SYS_openat2, root_fd, *path ? path : ".", &how, sizeof(how));
        while (fd < 0 && (errno == EAGAIN || errno == EINTR));

        return fd < 0 ? -errno : fd;
}

bool tree_is_whiteout(const struct stat *st) {
        return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

int tree_set_opaque(int fd) {
        return fsetxattr(fd, OPAQUE, "y", 1, 0) < 0 ? -errno : 0;
}

static bool is_opaque(int fd) {
        char value[4];

        return fgetxattr(fd, OPAQUE, value, sizeof(value)) == 1 && value[0] == 'y';
}

typedef enum Step {
        STEP_DOWN, /* not in this layer, which does not hide it either */
        STEP_FOUND,
        STEP_HIDDEN, /* not in this layer, and hidden by it */
} Step;

static bool can_be_read(const struct stat *st) {
        return S_ISREG(st->st_mode) || S_ISDIR(st->st_mode);
}

/* Looks into one layer, component by component. */
static int find_in(int root_fd, const char *path, Step *ret_step) {
        autofd int at = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        char name[NAME_MAX + 1];
        bool opaque = false;
        struct stat st;

        *ret_step = STEP_HIDDEN;
        if (at < 0)
                return -errno;

        for (;;) {
                size_t n = strcspn(path, "/");
                bool last = path[n] == '\0';
                int next;

                if (n > NAME_MAX)
                        return -ENAMETOOLONG;
                memcpy(name, path, n);
                name[n] = '\0';

                if (fstatat(at, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
                        *ret_step = errno == ENOENT && !opaque ? STEP_DOWN : STEP_HIDDEN;
                        return errno == ENOENT ? -ENOENT : -errno;
                }
                if (tree_is_whiteout(&st) || (!last && !S_ISDIR(st.st_mode)))
                        return -ENOENT;

                next = openat(at, name,
                                O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | (can_be_read(&st) ? O_RDONLY : O_PATH));
                if (next < 0)
                        return -errno;
                if (last) {
                        *ret_step = STEP_FOUND;
                        return next;
                }
                (void) close(at);
                at = next;
                opaque = opaque || is_opaque(at);
                path += n + 1;
        }
}

int tree_find(const int *roots, size_t n, const char *path) {
        if (*path == '\0')
                return n > 0 ? openat(roots[0], ".", O_PATH | O_CLOEXEC) : -ENOENT;

        for (size_t i = 0; i < n; i++) {
                Step step;
                int fd = find_in(roots[i], path, &step);

                if (step != STEP_DOWN)
                        return fd;
        }
        return -ENOENT;
}
