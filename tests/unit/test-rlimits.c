/* SPDX-License-Identifier: LGPL-2.1-or-later */

#include <errno.h>
#include <sys/resource.h>

#include "lib/rlimits.h"
#include "tests/suite.h"

START_TEST(every_limit_of_the_kernel_has_a_name_that_finds_it)
{
        for (int i = 0; i < (int) RLIM_NLIMITS; i++) {
                const char *name = rlimit_to_name(i);

                ck_assert_ptr_nonnull(name);
                ck_assert_int_eq(rlimit_from_name(name), i);
        }
        ck_assert_ptr_null(rlimit_to_name(RLIM_NLIMITS));
}
END_TEST

START_TEST(case_and_prefix_do_not_matter)
{
        ck_assert_int_eq(rlimit_from_name("nofile"), RLIMIT_NOFILE);
        ck_assert_int_eq(rlimit_from_name("RLIMIT_NOFILE"), RLIMIT_NOFILE);
        ck_assert_int_eq(rlimit_from_name("nofiles"), -ENOENT);
        ck_assert_int_eq(rlimit_from_name(""), -ENOENT);
}
END_TEST

int main(void) {
        Suite *suite = suite_create("rlimits");
        TCase *tc = tcase_create("rlimits");

        tcase_add_test(tc, every_limit_of_the_kernel_has_a_name_that_finds_it);
        tcase_add_test(tc, case_and_prefix_do_not_matter);
        suite_add_tcase(suite, tc);
        return suite_main(suite);
}
