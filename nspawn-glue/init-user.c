/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "nspawn-glue/init.h"
#include "nspawn-glue/inside.h"

#define USER_FILE_MAX (4 * 1024 * 1024)
#define DEPTH_MAX 256

static int read_user_file(const Init *init, const char *path, char **ret, Fault *fault) {
        int r = inside_read(init->root_fd, path, USER_FILE_MAX, ret);

        if (r == -ENOENT || r == -ENOTDIR) {
                *ret = strdup("");
                return *ret ? 0 : -ENOMEM;
        }
        if (r == -EBADF || r == -EFBIG || r == -ELOOP || r == -EISDIR)
                return fault_raise(fault, FAULT_HOSTILE, -r, "the image's %s is no plain file of sane size",
                                path);
        return r;
}

int init_find_user(const Init *init, User *ret, Fault *fault) {
        autofree char *passwd = NULL, *group = NULL;
        int r;

        r = read_user_file(init, "/etc/passwd", &passwd, fault);
        if (r >= 0)
                r = read_user_file(init, "/etc/group", &group, fault);
        return r < 0 ? r : users_resolve(passwd, group, init->user, init->groups, ret, fault);
}

static int own_below(int fd, const User *user, unsigned depth);

static int own_entry(int dir_fd, const char *name, const User *user, unsigned depth) {
        autofd int fd = -1;
        struct stat st;

        if (fchownat(dir_fd, name, user->uid, user->gid, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(st.st_mode))
                return 0;
        fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : own_below(fd, user, depth + 1);
}

static int own_below(int fd, const User *user, unsigned depth) {
        int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        autoclosedir DIR *dir = again < 0 ? NULL : fdopendir(again);
        struct dirent *entry;

        if (depth > DEPTH_MAX)
                return -ELOOP;
        if (!dir)
                return -errno;
        while ((entry = readdir(dir))) {
                int r;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                r = own_entry(dirfd(dir), entry->d_name, user, depth);
                if (r < 0)
                        return r;
        }
        return 0;
}

/*
 * All of what was mounted last goes to the app's user; the path is for messages. Whoever shares the volume
 * that it is in may have put another directory there by now.
 */
int init_own(Init *init, const char *value, Fault *fault) {
        struct stat st;
        User user;
        int r;

        r = init_find_user(init, &user, fault);
        if (r < 0)
                return r;
        if (fchownat(init->attached_fd, "", user.uid, user.gid, AT_EMPTY_PATH) < 0 ||
                        fstat(init->attached_fd, &st) < 0)
                r = -errno;
        else if (S_ISDIR(st.st_mode))
                r = own_below(init->attached_fd, &user, 0);
        return r < 0 ? fault_wrap(fault, r, "cannot give '%s' to user %u", value, user.uid) : 0;
}
