/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <check.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/remove-tree.h"

/* Removes a test's own directory, "/tmp/…", and all below it. */
static inline void remove_scratch(const char *path) {
        int tmp = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);

        ck_assert_int_eq(remove_tree(tmp, path + strlen("/tmp/")), 0);
        ck_assert_int_eq(close(tmp), 0);
}
