/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "cli/incoming.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/locked.h"
#include "lib/remove-tree.h"

/* systemd keeps the state of users that come and go below private/. */
int incoming_open(void) {
        static const char *const paths[] = { "/var/lib/private/slipway-fetch", "/var/lib/slipway-fetch" };
        int fd = -1;

        for (size_t i = 0; i < ELEMENTS(paths) && fd < 0; i++)
                fd = open(paths[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

int incoming_remove(int dir_fd, int64_t before) {
        int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), r = 0;
        autoclosedir DIR *dir = fd < 0 ? NULL : fdopendir(fd);
        struct dirent *entry;

        if (!dir)
                return -errno;
        while ((errno = 0, entry = readdir(dir))) {
                struct stat st;
                int one = 0;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
                                fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
                                st.st_mtim.tv_sec >= before || locked_by_somebody(dir_fd, entry->d_name) > 0)
                        continue;
                one = remove_tree(dir_fd, entry->d_name);
                r = r < 0 ? r : one;
        }
        return r < 0 ? r : -errno;
}
