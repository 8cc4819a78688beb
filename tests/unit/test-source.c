/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/cleanup.h"
#include "nspawn-glue/source.h"
#include "tests/suite.h"
#include "tests/unit/scratch.h"

static char top[] = "/tmp/slipway-test-source-XXXXXX";

/* TOP/real/file, TOP/real/below, TOP/near -> real, TOP/far -> TOP/real/below, TOP/loop -> loop */
static void set_up(void) {
        char far[PATH_MAX];

        (void) snprintf(top, sizeof(top), "/tmp/slipway-test-source-XXXXXX");
        ck_assert_ptr_nonnull(mkdtemp(top));
        ck_assert_int_eq(chdir(top), 0);
        ck_assert_int_eq(mkdir("real", 0755) | mkdir("real/below", 0755), 0);
        ck_assert_int_ge(close(open("real/file", O_WRONLY | O_CREAT, 0644)), 0);
        (void) snprintf(far, sizeof(far), "%s/real/below", top);
        ck_assert_int_eq(symlink("real", "near") | symlink(far, "far") | symlink("loop", "loop"), 0);
        ck_assert_int_eq(symlink("../../real/file", "real/below/back"), 0);
}

static void tear_down(void) {
        (void) chdir("/");
        remove_scratch(top);
}

static int open_below(const char *name, int *ret, Fault *fault) {
        char path[PATH_MAX];

        (void) snprintf(path, sizeof(path), "%s/%s", top, name);
        return source_open(path, ret, fault);
}

static bool is_same(int fd, const char *path) {
        struct stat one, two;

        return fstat(fd, &one) >= 0 && stat(path, &two) >= 0 && one.st_dev == two.st_dev &&
               one.st_ino == two.st_ino;
}

static const struct {
        const char *path, *place;
        int r;
} places[] = {
        { "real", "real", 0 },
        { "real//file", "real/file", 0 },
        { "real/./below/..", "real", 0 },
        { "near", "real", 0 },
        { "near/file", "real/file", 0 },
        { "far/..", "real", 0 },
        { "near/below/back", "real/file", 0 },
        { "none", NULL, -ENOENT },
        { "real/file/none", NULL, -ENOTDIR },
        { "loop", NULL, -ELOOP },
};

START_TEST(links_are_followed_where_only_the_administrator_makes_them)
{
        autofd int fd = -1;
        Fault fault = {};

        ck_assert_int_eq(open_below(places[_i].path, &fd, &fault), places[_i].r);
        ck_assert(!fault_is_raised(&fault));
        if (places[_i].place)
                ck_assert(is_same(fd, places[_i].place));
}
END_TEST

START_TEST(the_root_and_links_of_the_kernel_are_places_too)
{
        autofd int root = -1, self = -1;

        ck_assert_int_eq(source_open("/", &root, NULL), 0);
        ck_assert(is_same(root, "/"));
        ck_assert_int_eq(source_open("/proc/self/cwd/real", &self, NULL), 0);
        ck_assert(is_same(self, "real"));
        ck_assert_int_eq(source_open("real", &self, NULL), -EINVAL);
}
END_TEST

/* A directory that a container may write to. */
static void expose(const char *name) {
        autofd int fd = -1;

        ck_assert_int_eq(open_below(name, &fd, NULL), 0);
        source_mark(fd);
        source_mark(fd);
}

START_TEST(below_what_a_container_writes_to_no_link_is_followed)
{
        autofd int fd = -1;
        Fault fault = {};

        /* Such attributes are for root of the host, and not in all file systems. */
        if (setxattr(top, "trusted.slipway.test", "", 0, 0) < 0)
                return;
        expose("real");
        ck_assert_int_eq(open_below("real/below/back", &fd, &fault), -ELOOP);
        ck_assert_int_eq(fault.kind, FAULT_HOSTILE);
        fault_clear(&fault);
        ck_assert_int_eq(open_below("near/below/back", &fd, &fault), -ELOOP);
        fault_clear(&fault);

        /* What is in there, and what leads to it, is as it was. */
        ck_assert_int_eq(open_below("near/below", &fd, &fault), 0);
        ck_assert(is_same(fd, "real/below"));
}
END_TEST

int main(void) {
        Suite *suite = suite_create("source");
        TCase *tc = tcase_create("source");

        tcase_add_checked_fixture(tc, set_up, tear_down);
        tcase_add_loop_test(
                        tc, links_are_followed_where_only_the_administrator_makes_them, 0, ELEMENTS(places));
        tcase_add_test(tc, the_root_and_links_of_the_kernel_are_places_too);
        tcase_add_test(tc, below_what_a_container_writes_to_no_link_is_followed);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
