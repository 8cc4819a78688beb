/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/source.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "lib/cleanup.h"

#define MARK "trusted.slipway.exposed"
#define LINKS_MAX 40

typedef struct Walk {
        int fd;       /* where we are */
        char *text;   /* what is to go, as one piece of memory */
        char *rest;   /* and in it, where we are */
        bool exposed; /* there was a mark on the way */
        unsigned links;
} Walk;

static void walk_done(Walk *walk) {
        fd_closep(&walk->fd);
        free(walk->text);
}

/* An O_PATH descriptor has no attributes by itself. */
static void by_number(int fd, char ret[32]) {
        (void) snprintf(ret, 32, "/proc/self/fd/%d", fd);
}

static bool has_mark(int fd) {
        char path[32];

        by_number(fd, path);
        return getxattr(path, MARK, NULL, 0) >= 0;
}

/* Who gets the host's root needs no link to get out, and nothing would be left that is not below the mark.
 */
static bool can_be_marked(int fd) {
        struct stat st, root;

        return fstat(fd, &st) >= 0 && S_ISDIR(st.st_mode) && stat("/", &root) >= 0 &&
               (st.st_dev != root.st_dev || st.st_ino != root.st_ino);
}

void source_mark(int fd) {
        char path[32];

        by_number(fd, path);
        if (can_be_marked(fd) && !has_mark(fd))
                (void) setxattr(path, MARK, "", 0, 0);
}

static int move_to(Walk *walk, int fd) {
        if (fd < 0)
                return -errno;
        (void) close(walk->fd);
        walk->fd = fd;
        walk->exposed = walk->exposed || has_mark(fd);
        return 0;
}

static bool is_proc(int fd) {
        struct statfs st;

        return fstatfs(fd, &st) >= 0 && st.f_type == PROC_SUPER_MAGIC;
}

/* The link's text takes the place of its name in what is to go. */
static int follow(Walk *walk, int link_fd) {
        char target[PATH_MAX], *text;
        ssize_t n = readlinkat(link_fd, "", target, sizeof(target) - 1);

        if (n < 0)
                return -errno;
        target[n] = '\0';
        if (++walk->links > LINKS_MAX)
                return -ELOOP;
        if (asprintf(&text, "%s/%s", target, walk->rest ?: "") < 0)
                return -ENOMEM;
        free(walk->text);
        walk->text = walk->rest = text;
        return *target == '/' ? move_to(walk, open("/", O_PATH | O_DIRECTORY | O_CLOEXEC)) : 0;
}

static int step(Walk *walk, const char *name, const char *path, Fault *fault) {
        /* As O_PATH, but what is mounted on demand is mounted. */
        autofd int fd = open_tree(walk->fd, name, OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
        struct stat st;

        if (fd < 0 || fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISLNK(st.st_mode))
                return move_to(walk, TAKE_FD(fd));
        if (walk->exposed)
                return fault_raise(fault, FAULT_HOSTILE, ELOOP,
                                "cannot use '%s': '%s' on the way is a link in a directory that a "
                                "container "
                                "can write to; name the place that is meant",
                                path, name);
        /* The kernel's own links are no text. */
        if (is_proc(walk->fd))
                return move_to(walk, openat(walk->fd, name, O_PATH | O_CLOEXEC));
        return follow(walk, fd);
}

int source_open(const char *path, int *ret, Fault *fault) {
        AUTO(walk_done) Walk walk = { .fd = -1 };
        char *name;
        int r;

        if (*path != '/')
                return -EINVAL;
        walk.text = walk.rest = strdup(path);
        walk.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (!walk.text || walk.fd < 0)
                return walk.text ? -errno : -ENOMEM;

        while ((name = strsep(&walk.rest, "/"))) {
                if (!*name)
                        continue;
                r = step(&walk, name, path, fault);
                if (r < 0)
                        return r;
        }
        *ret = TAKE_FD(walk.fd);
        return 0;
}
