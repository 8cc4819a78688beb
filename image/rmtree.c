/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/rmtree.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "lib/cleanup.h"

static DIR *open_directory(int dir_fd, const char *name) {
        int fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        DIR *dir;

        if (fd < 0)
                return NULL;
        dir = fdopendir(fd);
        if (!dir)
                (void) close(fd);
        return dir;
}

static bool is_dots(const char *name) {
        return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* Removes an entry that is not a directory with something in it. Return: 0, -ENOTEMPTY, -errno. */
static int remove_shallow(int dir_fd, const struct dirent *entry) {
        if (entry->d_type != DT_DIR) {
                if (unlinkat(dir_fd, entry->d_name, 0) == 0)
                        return 0;
                if (errno != EISDIR && errno != EPERM)
                        return -errno;
        }
        if (unlinkat(dir_fd, entry->d_name, AT_REMOVEDIR) == 0)
                return 0;
        return errno == EEXIST ? -ENOTEMPTY : -errno;
}

/* Moves a directory to the top, under a name that nobody has there. */
static int move_up(int from_fd, const char *name, int top_fd, uint64_t *counter) {
        char unique[32];

        for (;;) {
                (void) snprintf(unique, sizeof(unique), "%ju~", (uintmax_t) (*counter)++);
                if (renameat2(from_fd, name, top_fd, unique, RENAME_NOREPLACE) == 0)
                        return 0;
                if (errno != EEXIST)
                        return -errno;
        }
}

/* Empties a directory of the top, and removes it. */
static int empty_one(int top_fd, const char *name, uint64_t *counter) {
        autoclosedir DIR *dir = open_directory(top_fd, name);
        struct dirent *entry;
        int r;

        if (!dir)
                return -errno;
        while ((entry = readdir(dir))) {
                if (is_dots(entry->d_name))
                        continue;
                r = remove_shallow(dirfd(dir), entry);
                if (r == -ENOTEMPTY)
                        r = move_up(dirfd(dir), entry->d_name, top_fd, counter);
                if (r < 0)
                        return r;
        }
        return unlinkat(top_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

/* One pass over the top. Return: 1 when something was there, so that another pass is needed. */
static int pass(int top_fd, uint64_t *counter) {
        autoclosedir DIR *dir = open_directory(top_fd, ".");
        struct dirent *entry;
        int r, found = 0;

        if (!dir)
                return -errno;
        while ((entry = readdir(dir))) {
                if (is_dots(entry->d_name))
                        continue;
                found = 1;
                r = remove_shallow(top_fd, entry);
                if (r == -ENOTEMPTY)
                        r = empty_one(top_fd, entry->d_name, counter);
                if (r < 0 && r != -ENOTEMPTY) /* readdir(3) may miss an entry while others go away */
                        return r;
        }
        return found;
}

int rmtree(int dir_fd, const char *name) {
        autofd int top_fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        uint64_t counter = 0;
        int r;

        if (top_fd < 0)
                return errno == ENOENT ? 0 : -errno;

        while ((r = pass(top_fd, &counter)) > 0)
                ;
        if (r < 0)
                return r;
        return unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}
