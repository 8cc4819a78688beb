/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "nspawn-glue/copy-tree.h"
#include "nspawn-glue/init.h"
#include "nspawn-glue/inside.h"
#include "nspawn-glue/tree.h"

/* "FD:PATH" */
static int split_descriptor(const char *value, int *ret_fd, const char **ret_path) {
        char *end;
        long fd = strtol(value, &end, 10);

        if (end == value || *end != ':' || fd < 0)
                return -EBADMSG;
        *ret_fd = (int) fd;
        *ret_path = end + 1;
        return 0;
}

static bool is_directory(int fd) {
        struct stat st;

        return fstat(fd, &st) >= 0 && S_ISDIR(st.st_mode);
}

/* Takes @fd. It stays open until the next is attached, so that who owns it need not be looked up by a path.
 */
static int attach_at(Init *init, int fd, int target, const char *path, Fault *fault) {
        bool directory = is_directory(fd);
        int r;

        fd_closep(&init->attached_fd);
        init->attached_fd = fd;

        /* What looks like a process to its neighbours, and is not, has been the way out of containers
         * before. */
        if (inside_is_proc(target))
                return fault_raise(fault, FAULT_VALUE, EPERM, "cannot mount on '%s': it leads into /proc",
                                path);
        if (directory != is_directory(target))
                return fault_raise(fault, FAULT_VALUE, ENOTDIR,
                                "cannot mount on '%s': a %s cannot be put on a %s", path,
                                directory ? "directory" : "file", directory ? "file" : "directory");
        r = tree_attach_at(fd, target);
        if (r < 0)
                return fault_raise(fault, FAULT_SYSTEM, -r, "cannot mount on '%s': %s", path, strerror(-r));
        return 0;
}

/* Finds or makes the place that @fd goes to. Return: -ENOENT where a link leads nowhere. */
typedef int FindPlace(const Init *init, const char *path, int fd, int *ret);

/* A place of the same kind as what @fd is the root of. */
static int find_alike(const Init *init, const char *path, int fd, int *ret) {
        struct stat st;

        if (fstat(fd, &st) < 0)
                return -errno;
        return inside_make(init->root_fd, path, S_ISDIR(st.st_mode) ? INSIDE_DIRECTORY : INSIDE_FILE, ret);
}

/* A plain file, whatever is there now. */
static int find_file(const Init *init, const char *path, int fd, int *ret) {
        return inside_replace(init->root_fd, path, ret);
}

static int attach(Init *init, const char *value, FindPlace *find, bool is_optional, Fault *fault) {
        autofd int target = -1;
        const char *path;
        int fd, r;

        r = split_descriptor(value, &fd, &path);
        if (r < 0)
                return r;
        r = find(init, path, fd, &target);
        if (r == -ENOENT && is_optional)
                return 0;
        if (r < 0)
                return fault_wrap(fault, r, "cannot make '%s' to mount on", path);
        return attach_at(init, fd, target, path, fault);
}

int init_attach(Init *init, const char *value, Fault *fault) {
        return attach(init, value, find_alike, false, fault);
}

int init_attach_file(Init *init, const char *value, Fault *fault) {
        return attach(init, value, find_file, false, fault);
}

/*
 * In a tree that stays when the container is gone, nothing is replaced: what a link leads to is covered, and
 * one that leads nowhere is left alone.
 */
int init_attach_lasting(Init *init, const char *value, Fault *fault) {
        return attach(init, value, find_alike, true, fault);
}

/* Cuts "FIRST:REST" in two. */
static char *cut(char **text) {
        return strsep(text, ":");
}

/* Options are "KEY=VALUE" with commas in between, as mount(8) has them. */
static int make_system(const char *type, char *options, unsigned attributes, int *ret) {
        const char *pairs[32] = {};
        size_t n = 0;
        char *word;

        while ((word = strsep(&options, ",")) && n + 2 < ELEMENTS(pairs)) {
                if (!*word)
                        continue;
                pairs[n++] = strsep(&word, "=");
                pairs[n++] = word;
        }
        return tree_new(type, pairs, attributes, ret);
}

/* Unless told otherwise, a tmpfs looks like the directory that it covers. */
static int look_like(int fd, int target, bool has_mode) {
        struct stat st;

        if (fstat(target, &st) < 0)
                return -errno;
        if (!has_mode && fchmodat(fd, ".", st.st_mode & 07777, 0) < 0)
                return -errno;
        return fchownat(fd, "", st.st_uid, st.st_gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

/* "ATTRIBUTES:COPY:OPTIONS:PATH" */
static int mount_memory(Init *init, const char *type, const char *value, Fault *fault) {
        autofree char *copy = strdup(value);
        autofd int target = -1, fd = -1;
        char *rest = copy, *attributes, *copies, *options;
        bool has_mode;
        int r;

        if (!copy)
                return -ENOMEM;
        attributes = cut(&rest);
        copies = cut(&rest);
        options = cut(&rest);
        if (!rest)
                return -EBADMSG;
        has_mode = strncmp(options, "mode=", 5) == 0 || strstr(options, ",mode=");

        r = inside_make(init->root_fd, rest, INSIDE_DIRECTORY, &target);
        if (r < 0)
                return fault_wrap(fault, r, "cannot make '%s' to mount on", rest);
        /* Read-only comes last: the copy has to be written first. */
        unsigned long set = strtoul(attributes, NULL, 16);

        r = make_system(type, options, (unsigned) set & ~(unsigned) MOUNT_ATTR_RDONLY, &fd);
        if (r >= 0)
                r = look_like(fd, target, has_mode);
        if (r >= 0 && *copies == '1')
                r = copy_tree(target, fd);
        if (r >= 0 && set & MOUNT_ATTR_RDONLY)
                r = tree_set(fd, MOUNT_ATTR_RDONLY, 0, false);
        if (r < 0)
                return fault_wrap(fault, r, "cannot make a %s for '%s'", type, rest);
        return attach_at(init, TAKE_FD(fd), target, rest, fault);
}

int init_mount_tmpfs(Init *init, const char *value, Fault *fault) {
        return mount_memory(init, "tmpfs", value, fault);
}

int init_mount_ramfs(Init *init, const char *value, Fault *fault) {
        return mount_memory(init, "ramfs", value, fault);
}

/* "OPTIONS:PATH" */
int init_mount_devpts(Init *init, const char *value, Fault *fault) {
        autofree char *copy = strdup(value);
        autofd int target = -1, fd = -1;
        char *rest = copy, *options;
        int r;

        if (!copy)
                return -ENOMEM;
        options = cut(&rest);
        if (!rest)
                return -EBADMSG;
        r = inside_make(init->root_fd, rest, INSIDE_DIRECTORY, &target);
        if (r < 0)
                return fault_wrap(fault, r, "cannot make '%s' to mount on", rest);
        r = make_system("devpts", options, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, &fd);
        if (r < 0)
                return fault_wrap(fault, r, "cannot make a devpts for '%s'", rest);
        return attach_at(init, TAKE_FD(fd), target, rest, fault);
}

/* A mount of its own, so that it stays writable when the root does not. It has the image's files by itself.
 */
int init_mount_volume(Init *init, const char *value, Fault *fault) {
        autofd int target = -1, fd = -1;
        int r;

        r = inside_make(init->root_fd, value, INSIDE_DIRECTORY, &target);
        if (r < 0)
                return fault_wrap(fault, r, "cannot make the volume '%s'", value);
        if (inside_is_proc(target))
                return fault_raise(fault, FAULT_VALUE, EPERM, "cannot mount on '%s': it leads into /proc",
                                value);
        r = tree_clone(target, "", false, &fd);
        if (r < 0)
                return fault_wrap(fault, r, "cannot make the volume '%s'", value);
        return attach_at(init, TAKE_FD(fd), target, value, fault);
}
