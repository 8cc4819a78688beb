/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/io.h"
#include "nspawn-glue/init.h"
#include "nspawn-glue/inside.h"
#include "nspawn-glue/tree.h"

/* "KEY=VALUE", with dots or slashes in the key. /proc/sys is ours and fresh: nothing in there leads astray.
 */
int init_write_sysctl(Init *init, const char *value, Fault *fault) {
        autofree char *copy = strdup(value);
        autofree char *path = NULL;
        autofd int fd = -1;
        char *equals;
        int r;

        if (!copy)
                return -ENOMEM;
        equals = strchr(copy, '=');
        if (!equals)
                return -EBADMSG;
        *equals = '\0';
        if (!strchr(copy, '/'))
                for (char *c = copy; (c = strchr(c, '.'));)
                        *c = '/';
        if (asprintf(&path, "/proc/sys/%s", copy) < 0) {
                path = NULL;
                return -ENOMEM;
        }

        r = inside_open(init->root_fd, path, O_WRONLY | O_NOCTTY, &fd);
        if (r >= 0)
                r = io_write_all(fd, equals + 1, strlen(equals + 1));
        if (r < 0)
                return fault_raise(
                                fault, FAULT_SYSTEM, -r, "cannot set sysctl '%s': %s", value, strerror(-r));
        return 0;
}

/* What to do with each path that a pattern stands for. */
typedef int Protect(Init *init, int target, const char *path);

/* An empty directory, a file like /dev/null: nothing to see, nothing to write. */
static int mask(Init *init, int target, const char *path) {
        static const char *const options[] = { "size", "0", "nr_inodes", "1", "mode", "555", NULL };
        autofd int fd = -1;
        struct stat st;
        int r;

        if (fstat(target, &st) < 0)
                return -errno;
        if (S_ISDIR(st.st_mode))
                r = tree_new("tmpfs", options,
                                MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
                                &fd);
        else
                r = tree_clone(init->null_fd, "", false, &fd);
        return r < 0 ? r : tree_attach_at(fd, target);
}

static int protect(Init *init, int target, const char *path) {
        autofd int fd = -1;
        int r;

        /* What is a mount already needs no other on top. */
        r = tree_set(target, MOUNT_ATTR_RDONLY, 0, true);
        if (r != -EINVAL)
                return r;
        r = tree_clone(target, "", true, &fd);
        if (r >= 0)
                r = tree_set(fd, MOUNT_ATTR_RDONLY, 0, true);
        return r < 0 ? r : tree_attach_at(fd, target);
}

static int apply_pattern(Init *init, const char *done, const char *pattern, Protect *act);

/* The entries of the directory @done that match one component of a pattern. */
static int apply_matching(
                Init *init, const char *done, const char *component, const char *rest, Protect *act) {
        autoclosedir DIR *dir = NULL;
        struct dirent *entry;
        int fd, r;

        r = inside_open(init->root_fd, *done ? done : "/", O_RDONLY | O_DIRECTORY, &fd);
        if (r < 0)
                return r == -ENOENT || r == -ENOTDIR ? 0 : r;
        dir = fdopendir(fd);
        if (!dir)
                return -errno;

        while ((entry = readdir(dir))) {
                autofree char *path = NULL;

                if (fnmatch(component, entry->d_name, FNM_PERIOD) != 0)
                        continue;
                if (asprintf(&path, "%s/%s", done, entry->d_name) < 0) {
                        path = NULL;
                        return -ENOMEM;
                }
                r = apply_pattern(init, path, rest, act);
                if (r < 0)
                        return r;
        }
        return 0;
}

/* What is not there needs no protection. */
static int apply_path(Init *init, const char *path, Protect *act) {
        autofd int target = -1;
        int r;

        r = inside_open(init->root_fd, path, O_PATH, &target);
        if (r == -ENOENT || r == -ENOTDIR)
                return 0;
        return r < 0 ? r : act(init, target, path);
}

/* Goes on after @done, whose patterns are resolved. */
static int apply_pattern(Init *init, const char *done, const char *pattern, Protect *act) {
        autofree char *next = NULL;
        char component[NAME_MAX + 1];
        size_t n;

        pattern += strspn(pattern, "/");
        if (!*pattern)
                return apply_path(init, done, act);
        n = strcspn(pattern, "/");
        if (n > NAME_MAX)
                return 0;
        memcpy(component, pattern, n);
        component[n] = '\0';

        if (strpbrk(component, "*?["))
                return apply_matching(init, done, component, pattern + n, act);
        if (asprintf(&next, "%s/%s", done, component) < 0) {
                next = NULL;
                return -ENOMEM;
        }
        return apply_pattern(init, next, pattern + n, act);
}

int init_mask(Init *init, const char *value, Fault *fault) {
        int r = apply_pattern(init, "", value, mask);

        return r < 0 ? fault_wrap(fault, r, "cannot mask '%s'", value) : 0;
}

int init_protect(Init *init, const char *value, Fault *fault) {
        int r = apply_pattern(init, "", value, protect);

        return r < 0 ? fault_wrap(fault, r, "cannot make '%s' read-only", value) : 0;
}

/* Not what is mounted on it: volumes have their own say. */
int init_protect_root(Init *init, Fault *fault) {
        int r = tree_set(init->root_fd, MOUNT_ATTR_RDONLY, 0, false);

        return r < 0 ? fault_wrap(fault, r, "cannot make the root read-only") : 0;
}
