/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include "nspawn-glue/tree.h"

#include <fcntl.h>

#include "lib/cleanup.h"

int tree_clone(int dir_fd, const char *path, bool recursive, int *ret) {
        unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (*path ? 0 : AT_EMPTY_PATH);
        int fd = open_tree(dir_fd, path, flags | (recursive ? AT_RECURSIVE : 0));

        if (fd < 0)
                return -errno;
        *ret = fd;
        return 0;
}

static int set_attributes(int fd, struct mount_attr *attributes, bool recursive) {
        unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);

        return mount_setattr(fd, "", flags, attributes, sizeof(*attributes)) < 0 ? -errno : 0;
}

int tree_map(int fd, int userns_fd, bool recursive) {
        struct mount_attr attributes = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (uint64_t) userns_fd };

        return set_attributes(fd, &attributes, recursive);
}

int tree_set(int fd, uint64_t set, uint64_t clear, bool recursive) {
        struct mount_attr attributes = { .attr_set = set, .attr_clr = clear };

        return set_attributes(fd, &attributes, recursive);
}

int tree_propagate(int fd, unsigned long propagation, bool recursive) {
        struct mount_attr attributes = { .propagation = propagation };

        return set_attributes(fd, &attributes, recursive);
}

int tree_attach(int fd, int dir_fd, const char *path) {
        return move_mount(fd, "", dir_fd, path, MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno : 0;
}

int tree_attach_at(int fd, int target_fd) {
        return move_mount(fd, "", target_fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0
                               ? -errno
                               : 0;
}

int tree_new(const char *type, const char *const *options, unsigned attributes, int *ret) {
        autofd int context = fsopen(type, FSOPEN_CLOEXEC);
        int fd;

        if (context < 0)
                return -errno;
        if (fsconfig(context, FSCONFIG_SET_STRING, "source", type, 0) < 0)
                return -errno;
        for (; options && *options; options += 2) {
                unsigned command = options[1] ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;

                if (fsconfig(context, command, options[0], options[1], 0) < 0)
                        return -errno;
        }
        if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
                return -errno;

        fd = fsmount(context, FSMOUNT_CLOEXEC, attributes);
        if (fd < 0)
                return -errno;
        *ret = fd;
        return 0;
}
