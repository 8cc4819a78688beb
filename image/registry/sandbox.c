/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "image/registry/sandbox.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "lib/cleanup.h"

/* Of Linux 6.2, and unknown to older headers. */
#define ACCESS_TRUNCATE (1ULL << 14)

#define FILES (LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REMOVE_FILE)
#define NOTHING                                                                                      \
        (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_MAKE_CHAR | \
                        LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK |                 \
                        LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |               \
                        LANDLOCK_ACCESS_FS_MAKE_SYM)

int sandbox_enter(int dir_fd) {
        long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
        uint64_t files = FILES | (version >= 3 ? ACCESS_TRUNCATE : 0);
        struct landlock_ruleset_attr attributes = { .handled_access_fs = files | NOTHING };
        struct landlock_path_beneath_attr rule = { .allowed_access = files, .parent_fd = dir_fd };
        autofd int fd = -1;

        if (version < 1)
                return 0;
        fd = (int) syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
        if (fd < 0 || syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0 ||
                        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
                        syscall(SYS_landlock_restrict_self, fd, 0) < 0)
                return -errno;
        return 1;
}
