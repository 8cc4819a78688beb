/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <string.h>

#include "cli/mounts.h"
#include "lib/cleanup.h"
#include "tests/suite.h"

START_TEST(lines_of_the_kernel_are_taken_apart)
{
        char text[] = "36 35 98:0 /mnt1 /mnt\\0402\\134x rw,noatime master:1 shared:2 - ext3 /dev/root "
                      "rw,errors=continue\n"
                      "37 36 0:5 / / ro - overlay slipway rw,lowerdir=0\n";
        AUTO(mounts_done) MountLines lines = {};

        ck_assert_int_eq(mounts_parse(text, &lines), 0);
        ck_assert_uint_eq(lines.n, 2);
        ck_assert_str_eq(lines.list[0].root, "/mnt1");
        ck_assert_str_eq(lines.list[0].target, "/mnt 2\\x");
        ck_assert_str_eq(lines.list[0].options, "rw,noatime");
        ck_assert_str_eq(lines.list[0].type, "ext3");
        ck_assert_str_eq(lines.list[0].source, "/dev/root");
        ck_assert_str_eq(lines.list[1].target, "/");
}
END_TEST

START_TEST(what_is_no_line_is_passed_over)
{
        char text[] = "\n1 2 3\n36 35 98:0 / / rw -\n36 35 98:0 / / rw shared:1 ext3 /dev/root\n- - - - - - "
                      "- - -\n";
        AUTO(mounts_done) MountLines lines = {};

        ck_assert_int_eq(mounts_parse(text, &lines), 0);
        ck_assert_uint_le(lines.n, 1);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("mounts");
        TCase *tc = tcase_create("mounts");

        tcase_add_test(tc, lines_of_the_kernel_are_taken_apart);
        tcase_add_test(tc, what_is_no_line_is_passed_over);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
