/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>
#include <sys/stat.h>

#include "lib/cleanup.h"
#include "lib/disk-usage.h"
#include "lib/io.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

static char root[64];
static int root_fd;

static void setup(void) {
        (void) strcpy(root, "/tmp/slipway-usage-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(root));
        root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ck_assert_int_ge(root_fd, 0);
}

static void teardown(void) {
        ck_assert_int_eq(close(root_fd), 0);
        remove_scratch(root);
}

START_TEST(files_in_directories_count)
{
        static char data[300000];
        autofd int fd = -1;
        uint64_t usage = 0;

        ck_assert_int_eq(mkdirat(root_fd, "a", 0700), 0);
        ck_assert_int_eq(mkdirat(root_fd, "a/b", 0700), 0);
        fd = openat(root_fd, "a/b/file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        ck_assert_int_eq(io_write_all(fd, data, sizeof(data)), 0);
        ck_assert_int_eq(fsync(fd), 0);
        ck_assert_int_eq(disk_usage(root_fd, "a", &usage), 0);
        ck_assert_uint_ge(usage, 300000);
        ck_assert_uint_lt(usage, 400000);
}
END_TEST

START_TEST(links_are_not_followed)
{
        uint64_t usage = 0;

        ck_assert_int_eq(symlinkat("/usr", root_fd, "link"), 0);
        ck_assert_int_eq(disk_usage(root_fd, "link", &usage), 0);
        ck_assert_uint_le(usage, 4096);
}
END_TEST

START_TEST(what_is_not_there_takes_up_nothing)
{
        uint64_t usage = 1;

        ck_assert_int_eq(disk_usage(root_fd, "nothing", &usage), 0);
        ck_assert_uint_eq(usage, 0);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("disk-usage");
        TCase *tcase = tcase_create("disk-usage");

        tcase_add_checked_fixture(tcase, setup, teardown);
        tcase_add_test(tcase, files_in_directories_count);
        tcase_add_test(tcase, links_are_not_followed);
        tcase_add_test(tcase, what_is_not_there_takes_up_nothing);
        suite_add_tcase(suite, tcase);
        return suite_main(suite);
}
