/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/disk-usage.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/cleanup.h"

/* Each level costs a descriptor. What is deeper than that is not counted. */
#define DEPTH_MAX 128

static int open_directory(int dir_fd, const char *name) {
        struct open_how how = {
                .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
        };

        return (int) syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
}

/* What goes while it is counted does not count. */
static int add(int dir_fd, const char *name, unsigned depth, uint64_t *sum) {
        autoclosedir DIR *dir = NULL;
        struct dirent *entry;
        struct stat st;
        int fd, r = 0;

        if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return errno == ENOENT ? 0 : -errno;
        *sum += (uint64_t) st.st_blocks * 512;
        if (!S_ISDIR(st.st_mode) || depth >= DEPTH_MAX)
                return 0;

        fd = open_directory(dir_fd, name);
        if (fd < 0)
                return errno == ENOENT || errno == EXDEV ? 0 : -errno;
        dir = fdopendir(fd);
        if (!dir) {
                (void) close(fd);
                return -ENOMEM;
        }
        while (r >= 0 && (errno = 0, entry = readdir(dir)))
                if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
                        r = add(dirfd(dir), entry->d_name, depth + 1, sum);
        return r < 0 ? r : -errno;
}

int disk_usage(int dir_fd, const char *name, uint64_t *ret) {
        uint64_t sum = 0;
        int r = add(dir_fd, name, 0, &sum);

        if (r >= 0)
                *ret = sum;
        return r;
}
