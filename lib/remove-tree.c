/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "lib/remove-tree.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/cleanup.h"

/* Each level costs a descriptor. What is deeper moves up to the top and is removed from there. */
#define DEPTH_MAX 64

typedef struct Removal {
        int top_fd;
        unsigned moved;
} Removal;

static int open_directory(int dir_fd, const char *name) {
        struct open_how how = {
                .flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
                .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
        };

        return (int) syscall(SYS_openat2, dir_fd, name, &how, sizeof(how));
}

static int move_up(Removal *removal, int dir_fd, const char *name) {
        char moved[32];

        for (;;) {
                (void) snprintf(moved, sizeof(moved), ".deep-%u", removal->moved++);
                if (renameat2(dir_fd, name, removal->top_fd, moved, RENAME_NOREPLACE) >= 0)
                        return 0;
                if (errno != EEXIST)
                        return -errno;
        }
}

static int remove_below(Removal *removal, int fd, unsigned depth);

static int remove_entry(Removal *removal, int dir_fd, const char *name, unsigned depth) {
        int fd, r;

        if (unlinkat(dir_fd, name, 0) >= 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        if (depth >= DEPTH_MAX)
                return move_up(removal, dir_fd, name);

        fd = open_directory(dir_fd, name);
        if (fd < 0)
                return -errno;
        r = remove_below(removal, fd, depth + 1);
        if (unlinkat(dir_fd, name, AT_REMOVEDIR) < 0 && r >= 0 && errno != ENOENT)
                r = -errno;
        return r;
}

/* Takes @fd. Return: 0, or the first failure after all the rest was tried. */
static int remove_below(Removal *removal, int fd, unsigned depth) {
        autoclosedir DIR *dir = fdopendir(fd);
        struct dirent *entry;
        int first = 0;

        if (!dir) {
                first = -errno;
                (void) close(fd);
                return first;
        }

        while ((entry = readdir(dir))) {
                int r;

                if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
                        continue;
                r = remove_entry(removal, dirfd(dir), entry->d_name, depth);
                if (r < 0 && first == 0)
                        first = r;
        }
        return first;
}

int remove_tree(int dir_fd, const char *name) {
        autofd int top = -1;
        unsigned before;
        int r;

        if (unlinkat(dir_fd, name, 0) >= 0 || errno == ENOENT)
                return 0;
        if (errno != EISDIR && errno != EPERM)
                return -errno;
        top = open_directory(dir_fd, name);
        if (top < 0)
                return -errno;

        Removal removal = { .top_fd = top };

        do {
                int again = openat(top, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

                if (again < 0)
                        return -errno;
                before = removal.moved;
                r = remove_below(&removal, again, 0);
        } while (r >= 0 && removal.moved != before);

        if (r >= 0 && unlinkat(dir_fd, name, AT_REMOVEDIR) < 0)
                r = -errno;
        return r;
}
